import { describe, expect, it } from 'vitest';
import { nextDeadline } from '../../../src/daemon/supervisor/machine/deadline.ts';
import { Drive, line, release } from './support.ts';

describe('--boot-parallel', () => {
  it('bounds how many workers of a boot boot at once, and those of a deploy', () => {
    const drive = new Drive({ bootParallel: 2 });
    drive.feed({ type: 'boot', release: release(1, 3) });
    expect(drive.ids('booting')).toEqual([1, 2]);
    drive.online(2);
    expect(drive.ids('booting')).toEqual([1, 3]);
    drive.online(1, 3).deploy(2, 3);
    expect(drive.ids('booting')).toEqual([4, 5]);
    drive.online(4);
    expect(drive.ids('booting')).toEqual([5, 6]);
  });

  it('bounds how many are started again, and tells the start of those that waited', () => {
    const drive = new Drive({ bootParallel: 1 }).boot(3);
    drive.exit(1, 1).exit(2, 1).exit(3, 1);
    drive.transcript();
    expect(drive.ids('booting')).toEqual([4]);
    drive.online(4);
    expect(drive.transcript()).toEqual([line('WorkerOnline', '0 1 0 0'), line('SpawnNew', '1 1 0 0')]);
    drive.online(5).online(6);
    expect(drive.ids('online')).toHaveLength(3);
  });

  it('counts new workers and those that are started again each for themselves', () => {
    const drive = new Drive({ bootParallel: 1 }).boot(2).deploy(2, 2);
    expect(drive.ids('booting')).toEqual([3]);
    drive.exit(1, 1);
    expect(drive.ids('booting')).toEqual([3, 4]);
  });

  it('counts a worker for 30 s: one that hangs keeps no others from booting', () => {
    const drive = new Drive({ bootParallel: 1 }).boot(1).deploy(2, 2);
    drive.pass(29_999);
    expect(drive.ids('booting')).toEqual([2]);
    expect(nextDeadline(drive.state)).toBe(30_000);
    drive.pass(1);
    expect(drive.ids('booting')).toEqual([2, 3]);
    expect(nextDeadline(drive.state)).toBeNull();
  });
});

describe('the workers of a release of which not all may boot at once', () => {
  it('are as many as there are CPUs, until they listen or wait for something', () => {
    const drive = new Drive({ bootParallel: 3, loadParallel: 1 });
    drive.feed({ type: 'boot', release: release(1, 5) });
    expect(drive.ids('booting')).toEqual([1]);
    drive.feed({ type: 'listening', worker: 1 });
    drive.feed({ type: 'rests', worker: 2 });
    expect(drive.ids('booting')).toEqual([1, 2, 3]);
    drive.feed({ type: 'rests', worker: 3 });
    expect(drive.ids('booting')).toEqual([1, 2, 3]);
    drive.online(1);
    expect(drive.ids('booting')).toEqual([2, 3, 4]);
  });

  it('keep the others from booting for 5 s at most', () => {
    const drive = new Drive({ bootParallel: 2, loadParallel: 1 });
    drive.feed({ type: 'boot', release: release(1, 3) });
    expect(nextDeadline(drive.state)).toBe(5_000);
    drive.pass(5_000);
    expect(drive.ids('booting')).toEqual([1, 2]);
  });

  it('are started again in the same way when they crash', () => {
    const drive = new Drive({ bootParallel: 2, loadParallel: 1 }).boot(3);
    drive.exit(1, 1).exit(2, 1);
    expect(drive.ids('booting')).toEqual([4]);
    drive.online(4);
    expect(drive.ids('booting')).toEqual([5]);
  });

  it('all boot at once when they are no more than may', () => {
    const drive = new Drive({ bootParallel: 3, loadParallel: 1 });
    drive.feed({ type: 'boot', release: release(1, 3) });
    expect(drive.ids('booting')).toEqual([1, 2, 3]);
  });
});

describe('a deploy of some slots', () => {
  it('replaces those alone, by the same release again', () => {
    const drive = new Drive().boot(3);
    drive.transcript();
    drive.feed({ type: 'deploy', release: release(1, 3), slots: [1] });
    drive.online(4).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 3 0 0'),
      line('NewOnline', '0 3 0 1'),
      line('ShutdownOld', '0 2 1 1'),
      line('OldExit', '0 2 0 1'),
      line('Ready', '0 3 0 0'),
    ]);
    expect(drive.state.workers.map(({ slot, id }) => [slot, id])).toEqual([
      [0, 1],
      [2, 3],
      [1, 4],
    ]);
    drive.exit(1, 1).online(5);
    expect(drive.ids('online')).toEqual([3, 4, 5]);
  });

  it('that there are not is refused', () => {
    const drive = new Drive().boot(1);
    expect(drive.feed({ type: 'deploy', release: release(1, 1), slots: [1] })).toEqual([
      { type: 'refuse', kind: 'invalid-params' },
    ]);
  });
});
