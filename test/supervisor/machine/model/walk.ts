import assert from 'node:assert/strict';
import { nextDeadline } from '../../../../src/daemon/supervisor/machine/deadline.ts';
import type { Effect } from '../../../../src/daemon/supervisor/machine/effects.ts';
import type { Input } from '../../../../src/daemon/supervisor/machine/inputs.ts';
import { rolloutOf, type State } from '../../../../src/daemon/supervisor/machine/state.ts';
import { step } from '../../../../src/daemon/supervisor/machine/step.ts';
import { Drive, holding, release } from '../support.ts';
import { check, serves } from './invariants.ts';
import type { Move } from './moves.ts';

/** A machine that makes moves, and is checked after each step. */
export class Walk extends Drive {
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

function added(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** Everybody does what he is asked, and dies when killed: every walk must come to rest. */
export function settle(walk: Walk): void {
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
export function outlast(walk: Walk): void {
  for (let round = 0; round < 40; round++) {
    walk.effects.splice(0);
    walk.pass(2_000);
    for (const effect of walk.effects.splice(0)) {
      if (effect.type === 'kill' && effect.signal === 'SIGKILL') walk.exit(effect.worker, null, 'SIGKILL');
    }
  }
}
