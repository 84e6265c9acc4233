import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextDeadline } from '../../../src/daemon/supervisor/machine/deadline.ts';
import type { Effect } from '../../../src/daemon/supervisor/machine/effects.ts';
import type { Input } from '../../../src/daemon/supervisor/machine/inputs.ts';
import { bootHoldMs } from '../../../src/daemon/supervisor/machine/limits.ts';
import {
  candidateOf,
  countOf,
  isCandidate,
  rolloutOf,
  type Settings,
  type State,
  type Worker,
  waitingForOf,
} from '../../../src/daemon/supervisor/machine/state.ts';
import { step } from '../../../src/daemon/supervisor/machine/step.ts';
import { wants } from '../../../src/daemon/supervisor/machine/strategy/fill.ts';
import { allAtOnce, type Strategy } from '../../../src/daemon/supervisor/machine/strategy/strategy.ts';
import { Drive, release } from './support.ts';

/**
 * Walks random interleavings of everything that can happen, and asserts what must always hold. A walk is a list
 * of moves; a move picks its worker by an index into those that are alive, so that every move means something in every state.
 */
const whats = [
  'online',
  'exit',
  'offline',
  'listening',
  'serving',
  'elsewhere',
  'draining',
  'holding',
  'drained',
  'preload',
  'app',
  'disconnect',
  'well',
  'ill',
] as const;
type What = (typeof whats)[number];

type Move =
  | {
      move: 'worker';
      pick: number;
      what: What;
    }
  | {
      move: 'deploy';
      count: number;
      timeout: number | null;
      waitOld: boolean;
      strategy: Strategy;
      /** Of the current release, in some slots alone, or in those that another count adds; null: another release. */
      slots: number[] | 'scale' | null;
    }
  | { move: 'abort' }
  | { move: 'promote' }
  | { move: 'answers'; pick: number; total: number; errors: number }
  | { move: 'stop'; timeout: number | null }
  | { move: 'pass'; ms: number };

const timeout = fc.option(fc.integer({ min: 0, max: 2_000 }));
const what = fc.constantFrom<What>('online', 'online', 'online', 'well', 'well', 'ill', 'exit', 'exit', ...whats);
const settings: fc.Arbitrary<Settings> = fc.record({
  onlineOn: fc.constantFrom('auto', 'auto', 'message', 'listening', 'listening:8080'),
  drain: fc.constantFrom('auto', 'auto', 'app'),
  bootParallel: fc.constantFrom(Number.POSITIVE_INFINITY, 1, 2),
  drainTimeoutMs: fc.constantFrom<Settings['drainTimeoutMs']>('default', 'default', 2_000),
});

const health = { path: '/health', timeoutMs: 1_000 };
const strategy: fc.Arbitrary<Strategy> = fc.oneof(
  fc.constant(allAtOnce),
  fc.record({
    surge: fc.constantFrom(1, 1, 2, Number.POSITIVE_INFINITY),
    canary: fc.constantFrom(0, 1, 2),
    bakeMs: fc.constantFrom(0, 100, 5_000),
    maxErrors: fc.constant(0.05),
    health: fc.constantFrom(null, { ...health, everyMs: null }, { ...health, everyMs: 500 }),
  }),
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
      strategy,
      slots: fc.option(fc.oneof(fc.uniqueArray(fc.nat(3), { minLength: 1 }), fc.constant('scale' as const)), {
        freq: 4,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('answers' as const),
      pick: fc.nat(20),
      total: fc.constantFrom(1, 20, 100),
      errors: fc.constantFrom(0, 0, 1, 20),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ move: 'promote' as const }) },
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

const holding = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };

class Walk extends Drive {
  #deploys = 1;
  /** What was there when the deploy in progress began; null when a worker has died since by itself. */
  #begun: { id: number; online: number; processes: number } | null = null;
  readonly #heard = new Set<string>();
  /** Whoever is asked for his health answers well at once. */
  isHealthy = false;

  make(move: Move): void {
    if (move.move === 'pass') this.pass(move.ms);
    else if (move.move === 'worker') this.#worker(move);
    else if (move.move === 'answers') this.#answers(move);
    else this.feed(this.#inputOf(move));
  }

  override feed(input: Input): Effect[] {
    const before = this.state;
    if ('worker' in input) this.#heard.add(`${input.worker} ${input.type}`);
    if (input.type === 'probed' && input.status === 200) this.#heard.add(`${input.worker} well`);
    if (input.type === 'serving' && 'port' in input.at) this.#heard.add(`${input.worker} ${input.at.port}`);
    const effects = super.feed(input);
    check(before, this.state, effects, this.now);
    this.#checkStrategy(before, input);
    // A tick does all that was due by then: an engine that is told of it again and again would never rest.
    if (input.type === 'tick') assert((nextDeadline(this.state) ?? Number.POSITIVE_INFINITY) > this.now);
    for (const effect of effects) this.#checkOrder(before, effect);
    if (before.contract === 'strict') assert.equal(this.state.contract, 'strict');
    // Where it wants to be, it stays.
    assert.deepEqual(step(this.state, { type: 'online', worker: 0 }, this.now), [this.state, []]);
    if (this.isHealthy) for (const effect of effects) if (effect.type === 'probe') this.answer(effect.worker, 200);
    return effects;
  }

  answer(worker: number, status: number): void {
    const probe = this.state.workers.find(({ id }) => id === worker)?.health?.pending?.probe;
    if (probe !== undefined) this.feed({ type: 'probed', worker, probe, status });
  }

  /** Nobody is told before it is drained or its time is over, and nobody is online for less than is asked for. */
  #checkOrder(before: State, effect: Effect): void {
    const { onlineOn, drain } = before.settings;
    if (effect.type === 'shutdown' && drain === 'auto') {
      const deadline = before.workers.find(({ id }) => id === effect.worker)?.leaving?.deadline ?? this.now + 1;
      assert(this.#heard.has(`${effect.worker} drained`) || deadline <= this.now);
    }
    if (effect.type !== 'emit' || (effect.event !== 'NewOnline' && effect.event !== 'WorkerOnline')) return;
    const worker = this.state.workers.find(({ id }) => id === effect.worker);
    if (worker?.release.health) assert(this.#heard.has(`${effect.worker} well`));
    if (this.#heard.has(`${effect.worker} online`)) return;
    assert(onlineOn !== 'message' && this.#heard.has(`${effect.worker} serving`));
    if (onlineOn === 'listening:8080') assert(this.#heard.has(`${effect.worker} 8080`));
    if (onlineOn === 'auto') assert.equal(this.state.contract, 'silent');
  }

  /** In the words of the people: nobody is missed who did not leave by himself, and memory is what was said. */
  #checkStrategy(before: State, input: Input): void {
    const { workers } = this.state;
    const rollout = rolloutOf(this.state);
    const online = workers.filter(serves).length;
    if (rollout && before.operation?.id !== rollout.id) {
      this.#begun = { id: rollout.id, online: before.workers.filter(serves).length, processes: before.workers.length };
    }
    if (input.type === 'stop' || rollout === null) this.#begun = null;
    if (rollout === null || this.#begun === null) return;
    const { strategy, count, phase } = rollout;
    const most = Math.max(this.#begun.processes, count + Math.max(strategy.surge, strategy.canary));
    const offline = workers.filter(({ state, askedIn }) => state === 'dying' && askedIn === null).length;
    assert(workers.length - offline <= most, `${workers.length} processes`);
    const lost = before.workers.some(
      (worker) =>
        serves(worker) && !workers.some((now) => now.id === worker.id && (serves(now) || now.askedIn !== null)),
    );
    if (lost || (phase === 'undo' && rollout.forced)) this.#begun.online = 0;
    const floor = phase === 'old' ? Math.min(rollout.release.workerCount, this.#begun.online) : this.#begun.online;
    assert(online >= floor, `${online} of ${floor} online`);
  }

  #inputOf(move: Exclude<Move, { move: 'pass' | 'worker' | 'answers' }>): Input {
    if (move.move === 'abort' || move.move === 'promote') return { type: move.move };
    if (move.move === 'stop') return { type: 'stop', timeoutMs: move.timeout };
    const { timeout: timeoutMs, waitOld, count } = move;
    const { current } = this.state;
    const again = current !== null && move.slots !== null;
    const of = again
      ? release(current.number, move.slots === 'scale' ? count : current.workerCount)
      : release(++this.#deploys, count);
    const slots = move.slots === 'scale' ? added(current?.workerCount ?? 0, count) : move.slots;
    const started = slots ? slots.filter((slot) => slot < of.workerCount).length : of.workerCount;
    const canary = move.strategy.bakeMs > 0 ? Math.max(0, Math.min(move.strategy.canary, started - 1)) : 0;
    const strategy = { ...move.strategy, canary };
    return { type: 'deploy', release: of, timeoutMs, waitOld, strategy, ...(slots && { slots }) };
  }

  #answers({ pick, total, errors }: Extract<Move, { move: 'answers' }>): void {
    const { workers } = this.state;
    const worker = workers[pick % Math.max(1, workers.length)];
    if (!worker) return;
    const { answers } = worker;
    this.feed({
      type: 'answers',
      worker: worker.id,
      total: answers.total + total,
      errors: answers.errors + Math.min(total, errors),
    });
  }

  #worker({ pick, what }: Extract<Move, { move: 'worker' }>): void {
    const { workers } = this.state;
    const worker = workers[pick % Math.max(1, workers.length)];
    if (!worker) return;
    if (what === 'exit') this.exit(worker.id, 1);
    else if (what === 'preload' || what === 'app') this.feed({ type: 'leaving', worker: worker.id, by: what });
    else if (what === 'serving') this.feed({ type: 'serving', worker: worker.id, at: { port: 8080 } });
    else if (what === 'elsewhere') this.feed({ type: 'serving', worker: worker.id, at: { port: 9090 } });
    else if (what === 'well' || what === 'ill') this.answer(worker.id, what === 'well' ? 200 : 503);
    else if (what === 'holding')
      this.feed({ type: 'holding', worker: worker.id, left: { ...holding, requests: pick } });
    else this.feed({ type: what, worker: worker.id });
  }
}

/** The daily loop walks a part of it (`npm run test:unit`). */
const share = Number(process.env.WALKS ?? 1);

// Plain assertions: this runs some hundred thousand times.
function check(before: State, after: State, effects: Effect[], now: number): void {
  countsWhatThereIs(after, effects);
  takesOverWhenAllAreOnline(before, after);
  keepsTheFormerRelease(before, after, effects);
  bootsFewAtOnce(after, now);
  fillsEverySlot(after);
  runsKnownReleases(after);
  replacesOneIllAtATime(after);
  letsNobodyLiveForEver(after, effects);
}

function added(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

function countsWhatThereIs(after: State, effects: Effect[]): void {
  for (const effect of effects) if (effect.type === 'emit') for (const n of Object.values(effect.count)) assert(n >= 0);
  // What is waited for and what is in progress say the same.
  const waitingFor = waitingForOf(after);
  assert.equal(waitingFor === null, after.operation === null && !after.over);
  if (waitingFor === null) assert.equal(countOf(after).new_online, 0);
}

const serves = ({ state }: Pick<Worker, 'state'>) => state === 'online' || state === 'new_online';

/** Whole, until every new worker is online. Who takes away alone is done with it at once. */
function takesOverWhenAllAreOnline(before: State, after: State): void {
  const { current } = after;
  if (current === before.current) return;
  const committed = rolloutOf(before) ?? rolloutOf(after);
  assert.equal(committed?.release ?? current?.number, committed ? current : before.current?.number);
  for (const slot of committed?.slots ?? []) {
    assert(after.workers.some((worker) => worker.slot === slot && worker.wave === committed?.id && serves(worker)));
  }
}

function keepsTheFormerRelease(before: State, after: State, effects: Effect[]): void {
  const { current } = after;
  // A deploy that fails leaves nothing of its own, and misses nothing of the former one.
  if (effects.some((effect) => effect.type === 'end' && effect.kind !== undefined)) {
    assert.equal(current, before.current);
    if (after.operation === null) assert(after.workers.every(({ state, wave }) => !alive(state) || wave <= after.wave));
  }
  const rollout = rolloutOf(after) ?? rolloutOf(before);
  for (const effect of effects) {
    if (effect.type !== 'emit' || effect.event !== 'ShutdownOld' || effect.waitingFor !== 'old') continue;
    if (!rollout || rollout.strategy.surge !== Number.POSITIVE_INFINITY) continue;
    assert.equal(candidateOf(after), null);
    assert.equal(effect.count.new_online, rollout.slots.length);
  }
}

function bootsFewAtOnce(after: State, now: number): void {
  for (const candidates of [true, false]) {
    const boots = after.workers.filter(
      (worker) =>
        worker.state === 'booting' && worker.bornAt + bootHoldMs > now && isCandidate(after, worker) === candidates,
    );
    assert(boots.length <= after.settings.bootParallel);
  }
}

function fillsEverySlot(after: State): void {
  const { workers, current } = after;
  // One worker serves a slot, at most one more boots for it in a deploy; nobody is in two states.
  const serving = workers.filter(
    (worker) => worker.state === 'online' || (worker.state === 'booting' && !isCandidate(after, worker)),
  );
  assert.equal(new Set(serving.map(({ slot }) => slot)).size, serving.length);
  assert.equal(new Set(workers.map(({ id }) => id)).size, workers.length);
  if (!current || waitingForOf(after) === 'shutdown' || after.over) return;
  // Every slot of the current release has a worker, or a time at which it gets one.
  for (let slot = 0; slot < current.workerCount; slot++) {
    const filled = workers.some(
      (worker) => worker.slot === slot && worker.release.number === current.number && alive(worker.state),
    );
    assert(filled || after.restarts.some((restart) => restart.slot === slot) || isReplaced(after, slot));
  }
}

/** Its new worker serves, or the former one comes back. */
function isReplaced(after: State, slot: number): boolean {
  const rollout = rolloutOf(after);
  if (!rollout?.replaced.includes(slot)) return false;
  const isNew = (worker: Worker) => worker.slot === slot && worker.wave === rollout.id && alive(worker.state);
  return after.workers.some(isNew) || wants(after).some((want) => want.slot === slot);
}

/** The current one, the candidate, or it is on its way out. */
function runsKnownReleases(after: State): void {
  if (waitingForOf(after) === 'shutdown') return;
  const known = [after.current?.number, candidateOf(after)?.number];
  for (const { state, release } of after.workers) assert(!alive(state) || known.includes(release.number));
}

/** And it goes on serving until its replacement does. */
function replacesOneIllAtATime({ workers }: State): void {
  const waiting = workers.filter(
    ({ state, health, leaving }) => state === 'dying' && health?.isWell && health.told && !leaving,
  );
  assert(waiting.length <= 1);
}

/**
 * A destroyed worker, one that was sent a signal, and one that was asked to leave has its next deadline in the state; but the
 * application may say that it takes its time.
 */
function letsNobodyLiveForEver(after: State, effects: Effect[]): void {
  for (const { state, leaving, kill } of after.workers) {
    if (state === 'destroyed' || (leaving && leaving.by !== 'app')) assert(kill && Number.isFinite(kill.at));
    if (leaving && !leaving.shutdownSent && kill?.signal === 'SIGTERM') assert.equal(kill.at, leaving.deadline);
  }
  for (const effect of effects) {
    if (effect.type !== 'kill') continue;
    const worker = after.workers.find(({ id }) => id === effect.worker);
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
  walk.isHealthy = true;
  for (const { id } of walk.state.workers) walk.answer(id, 200);
  for (let round = 0; round < 200 && restless(); round++) {
    for (const worker of [...walk.state.workers]) {
      if (worker.state === 'booting') walk.online(worker.id);
      else if (worker.leaving || worker.kill) walk.told(worker.id, 'app').exit(worker.id);
    }
    walk.pass(60_000);
  }
}

/** Nobody says a word, and each dies of its SIGKILL alone. */
function outlast(walk: Walk): void {
  for (let round = 0; round < 40; round++) {
    walk.effects.splice(0);
    walk.pass(2_000);
    for (const effect of walk.effects.splice(0)) {
      if (effect.type === 'kill' && effect.signal === 'SIGKILL') walk.exit(effect.worker, null, 'SIGKILL');
    }
  }
}

const workers = fc.integer({ min: 1, max: 4 });

describe('the machine, in random interleavings', () => {
  it('keeps what must always hold, and comes to rest when everybody does what he is asked', () => {
    fc.assert(
      fc.property(workers, settings, fc.array(move, { maxLength: 60 }), last, (count, options, moves, end) => {
        const walk = new Walk(options).boot(count);
        for (const each of [...moves, ...end]) walk.make(each);
        settle(walk);
        const { state } = walk;
        expect(state.operation).toBeNull();
        if (end.length > 0) expect(state.workers).toEqual([]);
        else {
          const online = state.workers.filter((worker) => worker.state === 'online');
          expect(online).toHaveLength(state.current?.workerCount ?? -1);
          for (const worker of online) expect(worker.release.number).toBe(state.current?.number);
          expect(new Set(online.map(({ slot }) => slot)).size).toBe(online.length);
        }
        expect(state.over).toBe(end.length > 0);
      }),
      { numRuns: 12_000 * share },
    );
  });

  it('outlives each worker that was asked to leave and says nothing, but for one that said that it ends by itself', () => {
    fc.assert(
      fc.property(workers, settings, fc.array(move, { maxLength: 40 }), (count, options, moves) => {
        const walk = new Walk(options).boot(count);
        for (const each of moves) walk.make(each);
        const leaving = walk.state.workers.filter((worker) => worker.leaving && worker.leaving.by !== 'app');
        const { operation } = walk.state;
        outlast(walk);
        const left = new Set(walk.state.workers.map(({ id }) => id));
        expect(leaving.filter(({ id }) => left.has(id))).toEqual([]);
        // A deploy with a time comes to its end then, whoever obeys.
        if (operation?.deadline != null) expect(walk.state.operation?.id).not.toBe(operation.id);
      }),
      { numRuns: 2_000 * share },
    );
  });

  it('never throws, whatever comes before the boot', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const walk = new Walk();
        walk.feed({ type: 'boot', release: release(1, 2) });
        for (const each of moves) walk.make(each);
      }),
      { numRuns: 2_000 * share },
    );
  });
});
