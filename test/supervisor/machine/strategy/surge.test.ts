import { describe, expect, it } from 'vitest';
import { waitingForOf } from '../../../../src/daemon/supervisor/machine/state.ts';
import { Drive, line } from '../support.ts';
import { by } from './support.ts';

describe('a deploy with a surge of 1', () => {
  it('replaces four workers slot by slot, with five processes at most', () => {
    const drive = new Drive().boot(4);
    drive.transcript();
    drive.deployBy(by({ surge: 1 }), 2, 4);
    for (const [fresh, old] of [
      [5, 1],
      [6, 2],
      [7, 3],
      [8, 4],
    ] as const) {
      expect(waitingForOf(drive.state)).toBe('new');
      drive.online(fresh);
      expect(waitingForOf(drive.state)).toBe('old');
      drive.exit(old);
    }
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 4 0 0'),
      line('NewOnline', '0 4 0 1'),
      line('ShutdownOld', '0 3 1 1'),
      line('OldExit', '0 3 0 1'),
      line('SpawnNew', '1 3 0 1'),
      line('NewOnline', '0 3 0 2'),
      line('ShutdownOld', '0 2 1 2'),
      line('OldExit', '0 2 0 2'),
      line('SpawnNew', '1 2 0 2'),
      line('NewOnline', '0 2 0 3'),
      line('ShutdownOld', '0 1 1 3'),
      line('OldExit', '0 1 0 3'),
      line('SpawnNew', '1 1 0 3'),
      line('NewOnline', '0 1 0 4'),
      line('ShutdownOld', '0 0 1 4'),
      line('OldExit', '0 0 0 4'),
      line('Ready', '0 4 0 0'),
    ]);
    expect(drive.state.current?.number).toBe(2);
  });

  it('grows', () => {
    const drive = new Drive().boot(1);
    drive.transcript();
    drive
      .deployBy(by({ surge: 1 }), 2, 2)
      .online(2)
      .online(3)
      .exit(1);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 1 0 0'),
      line('SpawnNew', '2 1 0 0'),
      line('NewOnline', '1 1 0 1'),
      line('ShutdownOld', '1 0 1 1'),
      line('NewOnline', '0 0 1 2'),
      line('OldExit', '0 0 0 2'),
      line('Ready', '0 2 0 0'),
    ]);
  });

  it('shrinks: who has no successor leaves when all new ones are online', () => {
    const drive = new Drive().boot(2);
    drive.transcript();
    drive.deployBy(by({ surge: 1 }), 2, 1).online(3);
    drive.exit(1).exit(2);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 2 0 0'),
      line('NewOnline', '0 2 0 1'),
      line('ShutdownOld', '0 1 1 1'),
      line('ShutdownOld', '0 0 2 1'),
      line('OldExit', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
  });
});
