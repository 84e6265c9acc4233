import { describe, expect, it } from 'vitest';
import { Drive, line } from '../support.ts';
import { by } from './support.ts';

/** A deploy of four workers by steps of one, of which so many slots are replaced: the old worker of each has left. */
function replaced(slots: number): Drive {
  const drive = new Drive().boot(4).deployBy(by({ surge: 1 }), 2, 4);
  for (let slot = 0; slot < slots; slot++) drive.online(5 + slot).exit(1 + slot);
  drive.transcript();
  drive.deeds();
  return drive;
}

const restored = (drive: Drive) => drive.state.workers.map(({ slot, state, release }) => [slot, state, release.number]);
const former = [0, 1, 2, 3].map((slot) => [slot, 'online', 1]);

describe('a deploy with a surge of 1 that fails', () => {
  it('in its first step leaves the old workers alone', () => {
    const drive = replaced(0).exit(5, 1);
    expect(drive.transcript()).toEqual([
      line('NewDeath', '0 4 0 0'),
      line('Undo', '0 4 0 0'),
      line('DeployFailed', '0 4 0 0'),
    ]);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'died', slot: 0 } });
    expect(restored(drive)).toEqual(former);
  });

  it('in its second step has the former worker of the first slot online before the new one leaves, drained', () => {
    const drive = replaced(1).exit(6, 1);
    expect(drive.deeds()).toEqual(['spawn 7']);
    drive.online(7);
    expect(drive.deeds()).toEqual(['drain 5']);
    drive.exit(5);
    expect(drive.transcript()).toEqual([
      line('NewDeath', '0 3 0 1'),
      line('Undo', '0 3 0 1'),
      line('SpawnNew', '1 3 0 1'),
      line('WorkerOnline', '0 4 0 1'),
      line('DestroyNew', '0 4 1 0'),
      line('NewDestroyed', '0 4 0 0'),
      line('DeployFailed', '0 4 0 0'),
    ]);
    expect(restored(drive).sort()).toEqual(former);
  });

  it('in its last step brings three slots back one by one', () => {
    const drive = replaced(3).exit(8, 1);
    for (const [old, fresh] of [
      [9, 5],
      [10, 6],
      [11, 7],
    ] as const) {
      drive.online(old).exit(fresh);
    }
    expect(drive.transcript()).toEqual([
      line('NewDeath', '0 1 0 3'),
      line('Undo', '0 1 0 3'),
      line('SpawnNew', '1 1 0 3'),
      line('WorkerOnline', '0 2 0 3'),
      line('DestroyNew', '0 2 1 2'),
      line('NewDestroyed', '0 2 0 2'),
      line('SpawnNew', '1 2 0 2'),
      line('WorkerOnline', '0 3 0 2'),
      line('DestroyNew', '0 3 1 1'),
      line('NewDestroyed', '0 3 0 1'),
      line('SpawnNew', '1 3 0 1'),
      line('WorkerOnline', '0 4 0 1'),
      line('DestroyNew', '0 4 1 0'),
      line('NewDestroyed', '0 4 0 0'),
      line('DeployFailed', '0 4 0 0'),
    ]);
    expect(restored(drive).sort()).toEqual(former);
    expect(drive.state.current?.number).toBe(1);
  });

  it('by a worker that had replaced its old one starts the former release there at once, whatever there is room for', () => {
    const drive = new Drive()
      .boot(2)
      .deployBy(by({ surge: 1 }), 2, 2)
      .online(3);
    drive.deeds();
    drive.feed({ type: 'offline', worker: 3 });
    // The old one still leaves, the new one listens on: that is all there is room for.
    expect(drive.deeds()).toEqual(['spawn 4']);
    drive.online(4);
    expect(drive.deeds()).toEqual(['drain 3']);
    drive.exit(1).exit(3);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'offline', slot: 0 } });
    expect(restored(drive).sort()).toEqual(former.slice(0, 2));
  });

  it('when its time is over names the silent worker, and has at least 30 s for the way back', () => {
    const drive = new Drive()
      .boot(2)
      .deployBy(by({ surge: 1 }), 2, 2, 1_000)
      .online(3)
      .exit(1);
    drive.pass(1_000).exit(4);
    expect(drive.transcript()).toContain(line('Timeout', '1 1 0 1'));
    drive.transcript();
    drive.pass(29_999);
    expect(drive.transcript()).toEqual([]);
    drive.pass(1);
    expect(drive.transcript()).toEqual([line('Timeout', '1 1 0 1'), line('DestroyNew', '1 1 0 0')]);
    drive.exit(3);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'silent', slot: 1, afterMs: 1_000 } });
    expect(drive.ids('booting')).toHaveLength(1);
  });

  it('kills a new worker that boots, and keeps no more of those that have no predecessor', () => {
    const drive = new Drive()
      .boot(1)
      .deployBy(by({ surge: 2 }), 2, 3)
      .online(2)
      .online(3);
    drive.deeds();
    drive.exit(4, 1);
    // Slot 0 was replaced, slot 1 is new.
    expect(drive.deeds()).toEqual(['drain 3', 'spawn 5']);
    drive.online(5);
    expect(drive.deeds()).toEqual(['drain 2']);
  });
});

describe('an abort', () => {
  it.each([0, 1, 2, 3])('of a deploy with a surge of 1 after %i slots brings the former release back', (slots) => {
    const drive = replaced(slots);
    drive.feed({ type: 'abort' });
    expect(drive.transcript().slice(0, 1)).toEqual([line('Undo', `1 ${4 - slots} 0 ${slots}`)]);
    drive.exit(5 + slots);
    for (let slot = 0; slot < slots; slot++) {
      drive.online(...drive.ids('booting')).exit(5 + slot);
    }
    expect(drive.transcript().at(-1)).toBe(line('Ready', '0 4 0 0'));
    expect(drive.end()).toMatchObject({ kind: 'deploy-aborted' });
    expect(restored(drive).sort()).toEqual(former);
  });

  it('of the way back does not wait for a former release that does not come', () => {
    const drive = replaced(1).exit(6, 1);
    drive.exit(7, 1).exit(8, 1);
    expect(drive.ids('new_online')).toEqual([5]);
    drive.feed({ type: 'abort' });
    drive.exit(5);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed' });
    expect(drive.state.restarts).toMatchObject([{ slot: 0 }]);
  });

  it('of the way back kills what leaves', () => {
    const drive = replaced(1).exit(6, 1).online(7);
    drive.deeds();
    drive.feed({ type: 'abort' });
    expect(drive.deeds()).toEqual(['SIGTERM 5']);
  });
});

describe('a worker of the former release that crashes', () => {
  it('before its slot is replaced is started again, and then leaves as any other', () => {
    const drive = replaced(1).exit(2, 1);
    expect(drive.deeds()).toEqual(['spawn 7']);
    drive.online(6);
    expect(drive.deeds()).toEqual(['drain 7'].concat(drive.deeds()));
  });

  it('again and again is not started again where the new one serves', () => {
    const drive = replaced(0);
    drive.exit(1, 1).exit(6, 1);
    expect(drive.state.restarts).toMatchObject([{ slot: 0 }]);
    drive.online(5);
    expect(drive.state.restarts).toEqual([]);
    drive.exit(drive.ids('booting')[0] ?? 0, 1);
    expect(drive.ids('online', 'booting', 'new_online')).toHaveLength(5);
  });

  it('on the way back is started again, and its new one waits for it', () => {
    const drive = replaced(1).exit(6, 1);
    drive.exit(7, 1);
    expect(drive.ids('new_online')).toEqual([5]);
    drive.online(8).exit(5);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed' });
    expect(restored(drive).sort()).toEqual(former);
  });
});

it('says why it is undone', () => {
  const drive = replaced(1).exit(6, 7);
  expect(drive.notes()).toEqual(['worker 1 exited with code 7 before it was online']);
});
