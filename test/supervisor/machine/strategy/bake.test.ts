import { describe, expect, it } from 'vitest';
import { waitingForOf } from '../../../../src/daemon/supervisor/machine/state.ts';
import type { Strategy } from '../../../../src/daemon/supervisor/machine/strategy/strategy.ts';
import { Drive, line } from '../support.ts';
import { by } from './support.ts';

const bakeMs = 30_000;

/** Four workers, of which one new one is watched beside them. */
function canary(strategy: Partial<Strategy> = {}): Drive {
  const drive = new Drive().boot(4);
  drive.transcript();
  drive.deployBy(by({ canary: 1, bakeMs, ...strategy }), 2, 4).online(5);
  return drive;
}

/** Two new workers are watched after the last of them is online. */
function whole(strategy: Partial<Strategy> = {}): Drive {
  return new Drive()
    .boot(2)
    .deployBy(by({ bakeMs, ...strategy }), 2, 2)
    .online(3)
    .exit(strategy.surge ? 1 : 0)
    .online(4)
    .exit(strategy.surge ? 2 : 0);
}

const answered = (drive: Drive, worker: number, total: number, errors: number) =>
  drive.feed({ type: 'answers', worker, total, errors });

describe('a canary', () => {
  it('serves beside all old workers for the time of the bake, and then the others follow', () => {
    const drive = canary();
    expect(waitingForOf(drive.state)).toBe('bake');
    expect(drive.notes().at(-1)).toBe('1 new worker of 4 watched for 30 s; naught promote ends that at once');
    drive.pass(bakeMs - 1);
    expect(drive.ids('booting')).toEqual([]);
    drive.pass(1);
    expect(drive.notes()).toEqual(['after 30.0 s, 0 answers, 0 of them 5xx']);
    drive.online(6, 7, 8).exit(1).exit(2).exit(3).exit(4);
    expect(drive.transcript()).toEqual([
      line('SpawnNew', '1 4 0 0'),
      line('NewOnline', '0 4 0 1'),
      line('Bake', '0 4 0 1'),
      line('Promote', '0 4 0 1'),
      line('SpawnNew', '1 4 0 1'),
      line('SpawnNew', '2 4 0 1'),
      line('SpawnNew', '3 4 0 1'),
      line('NewOnline', '2 4 0 2'),
      line('NewOnline', '1 4 0 3'),
      line('NewOnline', '0 4 0 4'),
      line('ShutdownOld', '0 3 1 4'),
      line('ShutdownOld', '0 2 2 4'),
      line('ShutdownOld', '0 1 3 4'),
      line('ShutdownOld', '0 0 4 4'),
      line('OldExit', '0 0 3 4'),
      line('OldExit', '0 0 2 4'),
      line('OldExit', '0 0 1 4'),
      line('OldExit', '0 0 0 4'),
      line('Ready', '0 4 0 0'),
    ]);
    expect(drive.end()).toEqual({ type: 'end' });
  });

  it('is followed by steps with a surge', () => {
    const drive = canary({ surge: 1 }).pass(bakeMs);
    expect(drive.ids('dying')).toEqual([1]);
    drive.exit(1);
    expect(drive.ids('booting')).toEqual([6]);
  });

  it('may be several, beyond the surge', () => {
    const drive = canary({ canary: 3, surge: 1 });
    expect(waitingForOf(drive.state)).toBe('new');
    drive.online(6, 7);
    expect(waitingForOf(drive.state)).toBe('bake');
  });

  it.each([
    ['crashes', 'NewDeath', (drive: Drive) => drive.exit(5, 1), 'exited with code 1 2.0 s after its bake began'],
    [
      "says 'offline'",
      'WorkerOffline',
      (drive: Drive) => drive.feed({ type: 'offline', worker: 5 }),
      "said 'offline' 2.0 s after its bake began",
    ],
  ] as const)('that %s ends the deploy, and the old workers were never touched', (_what, event, happens, why) => {
    const drive = canary().pass(2_000);
    drive.transcript();
    drive.notes();
    happens(drive);
    expect(drive.notes()).toContain(`worker 0 ${why}`);
    expect(drive.transcript().map((text) => text.split('.')[0])).toEqual([event, 'Undo', 'DeployFailed']);
    expect(drive.ids('online')).toEqual([1, 2, 3, 4]);
    expect(drive.state.current?.number).toBe(1);
  });

  it('that answers with too many 5xx is drained like any worker, and not killed', () => {
    const drive = canary();
    for (const worker of [1, 2, 3, 4]) answered(drive, worker, 30, 0);
    answered(drive, 5, 19, 19);
    expect(waitingForOf(drive.state)).toBe('bake');
    drive.deeds();
    drive.transcript();
    answered(drive, 5, 20, 8);
    expect(drive.notes()[0]).toBe(
      'release 2 answered 8 of 20 requests with 5xx (40.0 %; --max-errors 5), the former release 0 of 120',
    );
    drive.pass(29_000);
    expect(drive.deeds()).toEqual([]);
    drive.told(5, 'preload').exit(5);
    expect(drive.transcript()).toEqual([
      line('Undo', '0 4 0 1'),
      line('DestroyNew', '0 4 1 0'),
      line('Status', '0 4 1 0'),
      line('Status', '0 4 1 0'),
      line('Status', '0 4 1 0'),
      line('NewDestroyed', '0 4 0 0'),
      line('DeployFailed', '0 4 0 0'),
    ]);
  });

  it.each([
    ['just as many as allowed', 100, 5, 0],
    ['too many, as the former release does', 20, 10, 10],
  ])('that answers with %s goes on', (_what, total, errors, former) => {
    const drive = canary();
    answered(drive, 1, 20, former);
    answered(drive, 5, total, errors);
    expect(waitingForOf(drive.state)).toBe('bake');
  });

  it('is judged by what both answer since its bake began', () => {
    const drive = new Drive().boot(1);
    answered(drive, 1, 1_000, 1_000);
    drive.deployBy(by({ canary: 1, bakeMs }), 2, 2);
    answered(drive, 2, 100, 100);
    drive.online(2);
    answered(drive, 1, 1_020, 1_000);
    answered(drive, 2, 119, 119);
    expect(waitingForOf(drive.state)).toBe('bake');
    answered(drive, 2, 120, 120);
    expect(drive.state.operation).toMatchObject({
      failure: { type: 'errors', now: { total: 20, errors: 20 }, former: { total: 20, errors: 0 } },
    });
  });

  it('that is promoted is followed at once', () => {
    const drive = canary();
    drive.transcript();
    expect(drive.feed({ type: 'promote' })[0]).toEqual({ type: 'join', operation: 2 });
    expect(drive.ids('booting')).toEqual([6, 7, 8]);
    expect(drive.transcript()[0]).toBe(line('Promote', '0 4 0 1'));
  });

  it('that crashes after its bake has the former release brought back on what was replaced', () => {
    const drive = canary({ surge: 1 }).pass(bakeMs).exit(1);
    drive.transcript();
    drive.exit(5, 1);
    expect(drive.transcript()).toEqual([
      line('NewDeath', '1 3 0 0'),
      line('Undo', '1 3 0 0'),
      line('DestroyNew', '0 3 0 0'),
      line('SpawnNew', '1 3 0 0'),
    ]);
    drive.exit(6).online(7);
    expect(drive.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'died', slot: 0 } });
    expect(drive.ids('online')).toEqual([2, 3, 4, 7]);
  });

  it('stays when a worker of the former release crashes, which is started again', () => {
    const drive = canary().exit(1, 1);
    expect(waitingForOf(drive.state)).toBe('bake');
    expect(drive.state.workers.at(-1)).toMatchObject({ slot: 0, state: 'booting', release: { number: 1 } });
  });

  it('leaves when the deploy is aborted', () => {
    const drive = canary();
    drive.feed({ type: 'abort' });
    drive.told(5, 'preload').exit(5);
    expect(drive.end()).toMatchObject({ kind: 'deploy-aborted' });
    expect(drive.ids('online')).toEqual([1, 2, 3, 4]);
  });
});

describe('a bake without a canary', () => {
  it('watches the whole release beside the old workers, who leave when it is over', () => {
    const drive = whole();
    expect(waitingForOf(drive.state)).toBe('bake');
    expect(drive.ids('online')).toEqual([1, 2]);
    drive.pass(bakeMs);
    expect(waitingForOf(drive.state)).toBe('old');
    drive.exit(1).exit(2);
    expect(drive.end()).toEqual({ type: 'end' });
  });

  it('of a deploy by steps brings the former release back by steps', () => {
    const drive = whole({ surge: 1 });
    expect(waitingForOf(drive.state)).toBe('bake');
    drive.transcript();
    drive.exit(3, 1).online(5).online(6).exit(4);
    expect(drive.transcript()).toEqual([
      line('NewDeath', '0 0 0 1'),
      line('Undo', '0 0 0 1'),
      line('SpawnNew', '1 0 0 1'),
      line('SpawnNew', '2 0 0 1'),
      line('WorkerOnline', '1 1 0 1'),
      line('WorkerOnline', '0 2 0 1'),
      line('DestroyNew', '0 2 1 0'),
      line('NewDestroyed', '0 2 0 0'),
      line('DeployFailed', '0 2 0 0'),
    ]);
    expect(drive.state.current?.number).toBe(1);
  });

  it('compares with all that the former workers have answered when none serves any more', () => {
    const drive = new Drive().boot(1);
    answered(drive, 1, 50, 40);
    drive
      .deployBy(by({ bakeMs, surge: 1 }), 2, 1)
      .online(2)
      .exit(1);
    answered(drive, 2, 20, 10);
    expect(waitingForOf(drive.state)).toBe('bake');
    answered(drive, 2, 40, 36);
    expect(drive.notes().at(-1)).toBe(
      'release 2 answered 36 of 40 requests with 5xx (90.0 %; --max-errors 5), the former release 40 of 50',
    );
  });

  it('ends well at once by a promote', () => {
    const drive = whole();
    drive.feed({ type: 'promote' });
    expect(waitingForOf(drive.state)).toBe('old');
  });

  it('is a part of the time that the deploy was given', () => {
    const drive = new Drive().boot(1).deployBy(by({ bakeMs }), 2, 1, 1_000).online(2).pass(1_000);
    expect(drive.state.operation).toMatchObject({ phase: 'undo', failure: { type: 'aborted' } });
  });
});

describe('a promote', () => {
  it('is refused where nothing is baked', () => {
    const drive = new Drive().boot(1);
    expect(drive.feed({ type: 'promote' })).toEqual([{ type: 'refuse', kind: 'no-bake-in-progress' }]);
    drive.deployBy(by({ bakeMs }), 2, 1);
    expect(drive.feed({ type: 'promote' })).toEqual([{ type: 'refuse', kind: 'no-bake-in-progress' }]);
    drive.feed({ type: 'stop', timeoutMs: null });
    expect(drive.feed({ type: 'promote' })).toEqual([{ type: 'refuse', kind: 'shutting-down' }]);
  });
});
