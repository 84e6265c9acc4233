import { describe, expect, it } from 'vitest';
import { Drive, line, release } from './support.ts';

/** Deploys the current release again, with another count or in some slots alone. */
function again(drive: Drive, workerCount: number, slots: number[]): Drive {
  drive.feed({ type: 'deploy', release: release(1, workerCount), slots });
  return drive;
}

const slotsOf = (drive: Drive, ...ids: number[]): number[] =>
  drive.state.workers.flatMap(({ id, slot }) => (ids.includes(id) ? slot : []));

describe('the same release', () => {
  it('with more workers starts those of the new slots alone', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    again(drive, 4, [2, 3]).online(3, 4);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 2 0 0'),
      line('SpawnNew', '2 2 0 0'),
      line('NewOnline', '1 2 0 1'),
      line('NewOnline', '0 2 0 2'),
      line('Ready', '0 4 0 0'),
    ]);
    expect(slotsOf(drive, 3, 4)).toEqual([2, 3]);
    drive.exit(1);
    expect(drive.transcript()).toEqual([line('WorkerDeath', '1 3 0 0')]);
    expect(drive.state.workers.at(-1)).toMatchObject({ slot: 0, release: { workerCount: 4 } });
  });

  it('with fewer workers asks those of the lost slots to leave, and starts none', () => {
    const drive = new Drive().boot(3);
    drive.transcript();
    again(drive, 1, []);
    expect(drive.transcript()).toEqual([line('ShutdownOld', '0 2 1 0'), line('ShutdownOld', '0 1 2 0')]);
    expect(slotsOf(drive, 2, 3)).toEqual([1, 2]);
    drive.exit(2).exit(3);
    expect(drive.transcript()).toEqual([
      line('OldExit', '0 1 1 0'),
      line('OldExit', '0 1 0 0'),
      line('Ready', '0 1 0 0'),
    ]);
    expect(drive.state.current?.workerCount).toBe(1);
  });

  it('with fewer workers, of which one is booting again, waits for that one first', () => {
    const drive = new Drive().boot(2);
    drive.exit(1, 1);
    drive.transcript();
    again(drive, 1, []);
    expect(drive.transcript()).toEqual([line('SpawnNew', '2 1 0 0')]);
    drive.online(4).exit(3).exit(2);
    expect(drive.transcript()).toEqual([
      line('NewOnline', '1 1 0 1'),
      line('ShutdownOld', '1 0 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('OldExit', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
  });

  it('with as many workers as before is done at once', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    again(drive, 2, []);
    expect(drive.transcript()).toEqual([line('Ready', '0 2 0 0')]);
    expect(drive.end()).not.toHaveProperty('kind');
  });

  it('in one slot replaces its worker alone, and a failure changes nothing', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    again(drive, 2, [1]).online(3).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 2 0 0'),
      line('NewOnline', '0 2 0 1'),
      line('ShutdownOld', '0 1 1 1'),
      line('OldExit', '0 1 0 1'),
      line('Ready', '0 2 0 0'),
    ]);
    again(drive, 2, [1]).exit(4, 1);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed' });
    expect(drive.ids('online')).toEqual([1, 3]);
  });

  it('in all slots replaces every worker, though the number is the same', () => {
    const drive = new Drive().boot(2);
    drive.feed({ type: 'deploy', release: release(1, 2) });
    drive.online(3, 4);
    expect(drive.ids('dying')).toEqual([1, 2]);
    expect(drive.ids('new_online')).toEqual([3, 4]);
  });
});
