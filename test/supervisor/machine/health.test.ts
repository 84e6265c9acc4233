import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../src/daemon/supervisor/machine/effects.ts';
import type { Input } from '../../../src/daemon/supervisor/machine/inputs.ts';
import { allAtOnce, type Strategy } from '../../../src/daemon/supervisor/machine/strategy/strategy.ts';
import { Drive, line, release } from './support.ts';

const health = { path: '/health', timeoutMs: 5_000, everyMs: null };
const once: Strategy = { ...allAtOnce, health };
const always: Strategy = { ...allAtOnce, health: { ...health, everyMs: 10_000 } };
const baked: Strategy = { ...always, bakeMs: 60_000 };

type Answer = { status: number; body?: string } | { error: string } | 'none';
const ill: Answer = { status: 503, body: 'no database' };

/** Workers answer as soon as they are asked: well, unless something else was said. */
class Clinic extends Drive {
  readonly answers = new Map<number, Answer>();

  static boot(strategy: Strategy, workerCount: number): Clinic {
    const clinic = new Clinic();
    clinic.feed({ type: 'boot', release: release(1, workerCount), strategy });
    clinic.online(...clinic.ids('booting'));
    clinic.transcript();
    clinic.deeds();
    return clinic;
  }

  override feed(input: Input): Effect[] {
    const effects = super.feed(input);
    for (const effect of effects) {
      if (effect.type !== 'probe') continue;
      const { worker, probe } = effect;
      const answer = this.answers.get(worker) ?? { status: 200 };
      if (answer !== 'none') this.feed({ type: 'probed', worker, probe, ...answer });
    }
    return effects;
  }

  answer(worker: number, answer: Answer = { status: 200 }): this {
    this.answers.set(worker, answer);
    return this;
  }

  /** What was asked of this worker since the last call. */
  asked(worker: number): number {
    return this.deeds().filter((deed) => deed === `probe ${worker}`).length;
  }
}

describe('a worker that boots', () => {
  it('is online when it is ready and has answered well, and is asked again every 500 ms until then', () => {
    const clinic = Clinic.boot(once, 1).answer(2, ill);
    clinic.deployBy(once, 2, 1).online(2).pass(1_000);
    expect(clinic.ids('booting')).toEqual([2]);
    expect(clinic.asked(2)).toBe(3);
    clinic.answer(2, { error: 'no answer within 5 s' }).pass(500);
    clinic.answer(2).pass(499);
    expect(clinic.ids('booting')).toEqual([2]);
    clinic.pass(1).told(1, 'preload').exit(1);
    expect(clinic.transcript()).toEqual([
      line('SpawnNew', '1 1 0 0'),
      line('NewOnline', '0 1 0 1'),
      line('ShutdownOld', '0 0 1 1'),
      line('OldExit', '0 0 0 1'),
      line('Ready', '0 1 0 0'),
    ]);
    clinic.deeds();
    expect(clinic.pass(60_000).asked(2)).toBe(0);
  });

  it('is not asked before it is ready, and an answer to another question is none', () => {
    const clinic = Clinic.boot(once, 1);
    clinic.deployBy(once, 2, 1).pass(60_000);
    expect(clinic.asked(2)).toBe(0);
    clinic.answer(2, 'none').online(2);
    clinic.feed({ type: 'probed', worker: 2, probe: 1, status: 200 });
    expect(clinic.ids('booting')).toEqual([2]);
  });

  it('is told after five seconds, and at the timeout of its deploy makes it fail with what it has answered', () => {
    const clinic = Clinic.boot(once, 2).answer(4, ill);
    clinic.deployBy(once, 2, 2, 8_000).online(3, 4).pass(7_999);
    expect(clinic.notes()).toEqual(['it is not healthy yet: GET /health: status 503, 11 times in a row: no database']);
    clinic.pass(1).exit(3).exit(4);
    expect(clinic.end()).toMatchObject({
      kind: 'deploy-failed',
      failure: { type: 'unhealthy', worker: 4, slot: 1, look: { ...ill, path: '/health' }, afterMs: 8_000 },
    });
    expect(clinic.ids('online')).toEqual([1, 2]);
    expect(clinic.state.current?.number).toBe(1);
  });

  it('that is blocked is asked again', () => {
    const clinic = Clinic.boot(once, 1).answer(2, 'none');
    clinic.deployBy(once, 2, 1).online(2).pass(5_999);
    expect(clinic.asked(2)).toBe(1);
    clinic.answer(2).pass(501);
    expect(clinic.asked(2)).toBe(1);
    expect(clinic.ids('new_online')).toEqual([2]);
  });

  it('in place of one that crashed is asked as well, and so is the first of all', () => {
    const clinic = new Clinic().answer(1, ill).answer(2, ill);
    clinic.feed({ type: 'boot', release: release(1, 1), strategy: once });
    expect(clinic.online(1).ids('booting')).toEqual([1]);
    clinic.answer(1).pass(500).exit(1, 1).online(2);
    expect(clinic.ids('booting')).toEqual([2]);
    expect(clinic.answer(2).pass(500).ids('online')).toEqual([2]);
  });

  it('of a deploy that turns it off is online when it is ready', () => {
    const clinic = Clinic.boot(always, 1);
    clinic.deployBy(allAtOnce, 2, 1).online(2).exit(1).pass(60_000);
    expect(clinic.ids('online')).toEqual([2]);
    expect(clinic.asked(2)).toBe(0);
  });
});

describe('a worker that is online', () => {
  it('is replaced after three bad answers in a row: its replacement first', () => {
    const clinic = Clinic.boot(always, 2).answer(1, ill).answer(3, ill);
    clinic.pass(29_999);
    expect(clinic.transcript()).toEqual([]);
    clinic.pass(1);
    expect(clinic.notes()).toEqual(['GET /health: status 503, 3 times in a row: no database']);
    // It goes on serving until then.
    clinic.online(3).pass(2_000);
    expect(clinic.ids('dying', 'booting')).toEqual([1, 3]);
    expect(clinic.state.workers[0]?.leaving).toBeNull();
    clinic.answer(3).pass(500).told(1, 'preload').exit(1);
    expect(clinic.transcript()).toEqual([
      line('Unhealthy', '0 2 0 0'),
      line('WorkerOffline', '0 1 1 0'),
      line('SpawnNew', '1 1 1 0'),
      line('WorkerOnline', '0 2 1 0'),
      line('Ready', '0 2 1 0'),
      line('WorkerDeath', '0 2 0 0'),
    ]);
    expect(clinic.state.restarted).toEqual({ 0: 1 });
  });

  it('stays when it answers well in between', () => {
    const clinic = Clinic.boot(always, 1);
    for (let time = 0; time < 3; time++) clinic.answer(1, ill).pass(20_000).answer(1).pass(10_000);
    expect(clinic.transcript()).toEqual([]);
  });

  it('is replaced at once when its event loop stands still, and killed at its drain deadline', () => {
    const clinic = Clinic.boot(always, 1).answer(1, 'none').pass(15_999);
    expect(clinic.transcript()).toEqual([]);
    clinic.pass(1);
    expect(clinic.notes()).toEqual(['GET /health: no answer: its event loop is blocked']);
    clinic.online(2);
    clinic.deeds();
    const ofFirst = (ms: number) =>
      clinic
        .pass(ms)
        .deeds()
        .filter((deed) => deed.endsWith(' 1'));
    expect(ofFirst(29_999)).toEqual([]);
    expect(ofFirst(1)).toEqual(['SIGKILL 1']);
  });

  it('waits for its turn, and never goes without a healthy one in its place', () => {
    const clinic = Clinic.boot(always, 3);
    for (const worker of [1, 2, 3, 4]) clinic.answer(worker, ill);
    clinic.pass(30_000).online(4).pass(20_000);
    expect(clinic.ids('dying', 'online', 'booting')).toEqual([1, 2, 3, 4]);
    expect(clinic.state.workers.filter(({ leaving }) => leaving)).toEqual([]);
    // One recovers meanwhile, and stays.
    clinic.answer(2).pass(10_000).answer(4).pass(500);
    expect(clinic.ids('dying')).toEqual([1, 3]);
    expect(clinic.ids('online')).toEqual([2, 4]);
  });

  it('is asked no more when it leaves', () => {
    const clinic = Clinic.boot(always, 1);
    clinic.deployBy(allAtOnce, 2, 1).online(2).pass(25_000);
    expect(clinic.asked(1)).toBe(0);
  });
});

describe('a new worker of a deploy that falls ill', () => {
  it('makes it fail while the others are waited for', () => {
    const clinic = Clinic.boot(always, 2);
    clinic.deployBy(always, 2, 2).online(3).answer(3, ill).pass(30_000);
    clinic.pass(5_000).exit(3).exit(4);
    expect(clinic.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'unhealthy', worker: 3 } });
    expect(clinic.ids('online')).toEqual([1, 2]);
  });

  it('makes it fail in its bake', () => {
    const clinic = Clinic.boot(always, 2);
    clinic.deployBy(baked, 2, 2).online(3, 4).answer(3, ill).pass(30_000);
    expect(clinic.transcript().slice(-4)).toEqual([
      line('Unhealthy', '0 2 0 2'),
      line('Undo', '0 2 0 2'),
      line('DestroyNew', '0 2 1 1'),
      line('DestroyNew', '0 2 2 0'),
    ]);
    for (const worker of [3, 4]) clinic.told(worker, 'preload').exit(worker);
    expect(clinic.end()).toMatchObject({ kind: 'deploy-failed', failure: { type: 'unhealthy', worker: 3 } });
    expect(clinic.ids('online')).toEqual([1, 2]);
  });
});

describe('what workers have answered', () => {
  it('is kept by worker', () => {
    const drive = new Drive().boot(2);
    drive.feed({ type: 'answers', worker: 2, total: 7, errors: 1 });
    expect(drive.state.workers.map(({ answers }) => answers)).toEqual([
      { total: 0, errors: 0 },
      { total: 7, errors: 1 },
    ]);
  });
});

describe('how often a slot was started again', () => {
  it('is counted in its release, whatever the reason', () => {
    const drive = new Drive().boot(2).exit(1, 1).online(3);
    drive.feed({ type: 'offline', worker: 3 });
    expect(drive.state.restarted).toEqual({ 0: 2 });
    drive.deploy(2, 2).online(...drive.ids('booting'));
    expect(drive.state.restarted).toEqual({});
  });
});
