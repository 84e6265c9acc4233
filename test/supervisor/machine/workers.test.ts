import { describe, expect, it } from 'vitest';
import { waitingForOf } from '../../../src/daemon/supervisor/machine/state.ts';
import { Drive, line } from './support.ts';

describe('a crash', () => {
  it('is followed at once by another worker of the same slot and release', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    drive.exit(2, 1);
    drive.online(3);
    expect(drive.transcript()).toEqual([
      line('WorkerDeath', '1 1 0 0'),
      line('WorkerOnline', '0 2 0 0'),
      line('Ready', '0 2 0 0'),
    ]);
    expect(drive.state.workers.at(-1)).toMatchObject({ slot: 1, release: { number: 1 } });
  });

  it('waits longer each time, from 100 ms, and not after ten seconds of life', () => {
    const drive = new Drive().boot(1);
    const waits: number[] = [];
    for (let crash = 0; crash < 12; crash++) {
      drive.exit(drive.ids('booting', 'online')[0] ?? 0, 1);
      waits.push(drive.state.restarts.length === 0 ? 0 : (drive.state.restarts[0]?.at ?? 0) - drive.now);
      drive.pass(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000]);
    drive.online(...drive.ids('booting')).pass(10_000);
    drive.exit(drive.ids('online')[0] ?? 0, 1);
    expect(drive.ids('booting')).toHaveLength(1);
  });

  it('waits up to a quarter less by jitter', () => {
    const drive = new Drive().boot(1);
    drive.exit(1, 1);
    drive.feed({ type: 'exit', worker: 2, exit: { code: 1, signal: null } }, 0.999_999);
    expect(drive.state.restarts[0]?.at).toBeCloseTo(75, 1);
  });

  it('tells the start of a worker that had to wait, and the other slots are not touched', () => {
    const drive = new Drive().boot(2);
    drive.exit(1, 1).exit(3, 1);
    drive.transcript();
    drive.pass(100);
    expect(drive.transcript()).toEqual([line('SpawnNew', '1 1 0 0')]);
    expect(drive.ids('online')).toEqual([2]);
  });

  it('no longer waits after a deploy', () => {
    const drive = new Drive().boot(1);
    drive.exit(1, 1).exit(2, 1);
    expect(drive.state.restarts).toHaveLength(1);
    drive.deploy(2, 1).online(...drive.ids('booting'));
    expect(drive.state.restarts).toEqual([]);
    expect(drive.state.crashes).toEqual({});
    expect(waitingForOf(drive.state)).toBeNull();
  });

  it('during a deploy brings back the former release, which then leaves with the others', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1);
    drive.transcript();
    drive.exit(1, 1);
    expect(drive.state.workers.at(-1)?.release.number).toBe(1);
    drive.online(3).online(2).exit(3);
    expect(drive.transcript()).toEqual([
      line('WorkerDeath', '2 0 0 0'),
      line('WorkerOnline', '1 1 0 0'),
      line('NewOnline', '0 1 0 1'),
      line('ShutdownOld', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
  });

  it('of a new worker while old ones leave brings back the new release', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 1).online(2).exit(2, 1);
    const replacement = drive.state.workers.at(-1);
    expect(replacement).toMatchObject({ state: 'booting', release: { number: 2 } });
    drive.online(3);
    expect(drive.ids('new_online')).toEqual([3]);
    drive.exit(1);
    expect(drive.ids('online')).toEqual([3]);
    expect(waitingForOf(drive.state)).toBeNull();
  });

  it('of a replacement that boots does not disturb a deploy', () => {
    const drive = new Drive().boot(1);
    drive.exit(1, 1);
    drive.deploy(2, 1).online(3).exit(2);
    expect(waitingForOf(drive.state)).toBeNull();
    expect(drive.ids('online')).toEqual([3]);
  });

  it('of all workers at once starts them all again', () => {
    const drive = new Drive().boot(3);
    drive.exit(1, 1).exit(2, 1).exit(3, 1);
    expect(drive.state.workers.map(({ slot }) => slot)).toEqual([0, 1, 2]);
  });
});

describe("'online'", () => {
  it('said twice counts once', () => {
    const drive = new Drive().boot(1);
    expect(drive.feed({ type: 'online', worker: 1 })).toEqual([]);
  });

  it('that does not come for 5 s after the worker began to listen is asked for, once', () => {
    const drive = new Drive().boot(1);
    drive.deploy(2, 2);
    drive.feed({ type: 'listening', worker: 2 });
    drive.feed({ type: 'listening', worker: 3 });
    drive.pass(4_999).online(3);
    drive.transcript();
    drive.pass(60_000);
    expect(drive.transcript()).toEqual([line('Status', '1 1 0 1')]);
    expect(drive.effects.at(-1)).toMatchObject({ worker: 2, note: expect.stringContaining('--online-on listening') });
  });

  it('of an unknown worker changes nothing', () => {
    const drive = new Drive().boot(1);
    expect(drive.feed({ type: 'online', worker: 99 })).toEqual([]);
  });
});

describe('a worker without its IPC channel', () => {
  it('is given a second to turn out dead', () => {
    const drive = new Drive().boot(1);
    drive.feed({ type: 'disconnect', worker: 1 });
    drive.pass(999).exit(1, 1);
    expect(drive.transcript()).not.toContain(line('WorkerOffline', '0 0 1 0'));
  });

  it('is replaced like one that said offline when it lives on', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive.feed({ type: 'disconnect', worker: 1 });
    drive.pass(1_000);
    expect(drive.transcript()).toEqual([line('WorkerOffline', '0 0 1 0'), line('SpawnNew', '1 0 1 0')]);
  });
});
