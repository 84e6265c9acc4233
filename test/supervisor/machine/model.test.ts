import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  candidateOf,
  countOf,
  type Input,
  isCandidate,
  nextDeadline,
  type State,
  waitingForOf,
} from '../../../src/daemon/supervisor/machine/state.ts';
import { step } from '../../../src/daemon/supervisor/machine/step.ts';
import { Drive, release } from './support.ts';

/**
 * Walks random interleavings of everything that can happen, and asserts what must always hold. A walk is a list
 * of moves; a move picks its worker by an index into those that are alive, so that every move means something in every state.
 */
type Move =
  | {
      move: 'worker';
      pick: number;
      what: 'online' | 'offline' | 'exit' | 'listening' | 'preload' | 'app' | 'disconnect';
    }
  | { move: 'deploy'; count: number; timeout: number | null; waitOld: boolean }
  | { move: 'abort' }
  | { move: 'stop'; timeout: number | null }
  | { move: 'pass'; ms: number };

const timeout = fc.option(fc.integer({ min: 0, max: 2_000 }));
const what = fc.constantFrom(
  'online',
  'online',
  'online',
  'exit',
  'exit',
  'offline',
  'listening',
  'preload',
  'app',
  'disconnect',
);

const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ move: fc.constant('worker' as const), pick: fc.nat(20), what }) },
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('deploy' as const),
      count: fc.integer({ min: 1, max: 4 }),
      timeout,
      waitOld: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ move: 'abort' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ move: fc.constant('pass' as const), ms: fc.constantFrom(1, 100, 1_000, 30_000) }),
  },
);
const last: fc.Arbitrary<Move[]> = fc.oneof(
  fc.constant<Move[]>([]),
  fc.record({ move: fc.constant('stop' as const), timeout }).map((stop) => [stop]),
);

class Walk extends Drive {
  #deploys = 1;

  make(move: Move): void {
    const before = this.state;
    const at = this.effects.length;
    if (move.move === 'pass') this.pass(move.ms);
    else if (move.move === 'worker') this.#worker(move);
    else this.feed(this.#inputOf(move));
    check(before, this.state, this.effects.slice(at));
    // Where it wants to be, it stays.
    assert.deepEqual(step(this.state, { type: 'online', worker: 0 }, this.now), [this.state, []]);
  }

  #inputOf(move: Exclude<Move, { move: 'pass' | 'worker' }>): Input {
    if (move.move === 'abort') return { type: 'abort' };
    if (move.move === 'stop') return { type: 'stop', timeoutMs: move.timeout };
    return {
      type: 'deploy',
      release: release(++this.#deploys, move.count),
      timeoutMs: move.timeout,
      waitOld: move.waitOld,
    };
  }

  #worker({ pick, what }: Extract<Move, { move: 'worker' }>): void {
    const { workers } = this.state;
    const worker = workers[pick % Math.max(1, workers.length)];
    if (!worker) return;
    if (what === 'exit') this.exit(worker.id, 1);
    else if (what === 'preload' || what === 'app') this.feed({ type: 'draining', worker: worker.id, by: what });
    else this.feed({ type: what, worker: worker.id });
  }
}

// Plain assertions: this runs some hundred thousand times.
function check(before: State, after: State, effects: Drive['effects']): void {
  const { workers, operation, current } = after;
  const waitingFor = waitingForOf(after);
  const candidate = candidateOf(after);
  const count = countOf(after);

  // An event tells the counts of the workers that there are.
  for (const effect of effects) if (effect.type === 'emit') for (const n of Object.values(effect.count)) assert(n >= 0);

  // What is waited for and what is in progress say the same.
  assert.equal(waitingFor === null, operation === null && !after.over);
  if (waitingFor === null) assert.equal(count.new_online, 0);

  // The former release stays, whole, until every new worker is online.
  const givenUp = effects.some((effect) => effect.type === 'end' && effect.kind !== undefined);
  const committed = effects.some((effect) => effect.type === 'emit' && effect.waitingFor === 'old');
  if (waitingFor === 'new' || givenUp) assert(committed || current === before.current);
  const told = effects.filter((effect) => effect.type === 'emit' && effect.event === 'ShutdownOld');
  for (const effect of told) {
    if (effect.type !== 'emit' || effect.waitingFor !== 'old') continue;
    assert.equal(candidate, null);
    assert.equal(effect.count.new_online, current?.workerCount);
  }

  // One worker serves a slot, at most one more boots for it in a deploy; nobody is in two states.
  const serving = workers.filter(
    (worker) => worker.state === 'online' || (worker.state === 'booting' && !isCandidate(after, worker)),
  );
  assert.equal(new Set(serving.map(({ slot }) => slot)).size, serving.length);
  assert.equal(new Set(workers.map(({ id }) => id)).size, workers.length);

  // Every slot of the current release has a worker, or a time at which it gets one.
  if (current && waitingFor !== 'shutdown' && !after.over) {
    for (let slot = 0; slot < current.workerCount; slot++) {
      const filled = workers.some(
        (worker) => worker.slot === slot && worker.release.number === current.number && alive(worker.state),
      );
      assert(filled || after.restarts.some((restart) => restart.slot === slot));
    }
  }

  // Whoever runs is of the current release, of the candidate, or on its way out.
  for (const worker of workers) {
    if (!alive(worker.state)) continue;
    const known = [current?.number, candidate?.number];
    assert(waitingFor === 'shutdown' || known.includes(worker.release.number));
  }

  // Nobody is immortal: a destroyed worker, one that was sent a signal, and one that was asked to leave has its next deadline in
  // the state; but the application may say that it takes its time.
  for (const worker of workers) {
    if (worker.state === 'destroyed' || (worker.shutdownSent && worker.drainedBy !== 'app'))
      assert.notEqual(worker.kill, null);
  }
  for (const effect of effects) {
    if (effect.type !== 'kill') continue;
    const worker = workers.find(({ id }) => id === effect.worker);
    if (worker) assert.notEqual(worker.kill, null);
  }
  const deadline = nextDeadline(after);
  if (deadline !== null) assert(Number.isFinite(deadline));
}

const alive = (state: string) => state === 'booting' || state === 'online' || state === 'new_online';

/** Everybody does what he is asked, and dies when killed: every walk must come to rest. */
function settle(walk: Walk): void {
  const restless = () =>
    walk.state.operation !== null ||
    walk.state.restarts.length > 0 ||
    walk.ids('booting', 'dying', 'destroyed').length > 0;
  for (let round = 0; round < 200 && restless(); round++) {
    for (const worker of [...walk.state.workers]) {
      if (worker.state === 'booting') walk.online(worker.id);
      else if (worker.shutdownSent || worker.kill) walk.exit(worker.id);
    }
    walk.pass(60_000);
  }
}

describe('the machine, in random interleavings', () => {
  it('keeps what must always hold, and comes to rest when everybody does what he is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(move, { maxLength: 60 }), last, (count, moves, end) => {
        const walk = new Walk().boot(count);
        for (const each of [...moves, ...end]) walk.make(each);
        settle(walk);
        const { state } = walk;
        expect(state.operation).toBeNull();
        if (end.length > 0) expect(state.workers).toEqual([]);
        else {
          const online = state.workers.filter((worker) => worker.state === 'online');
          expect(online).toHaveLength(state.current?.workerCount ?? -1);
          for (const worker of online) expect(worker.release).toBe(state.current);
          expect(new Set(online.map(({ slot }) => slot)).size).toBe(online.length);
        }
        expect(state.over).toBe(end.length > 0);
      }),
      { numRuns: 12_000 },
    );
  });

  it('never throws, whatever comes before the boot', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const walk = new Walk();
        walk.feed({ type: 'boot', release: release(1, 2) });
        for (const each of moves) walk.make(each);
      }),
      { numRuns: 2_000 },
    );
  });
});
