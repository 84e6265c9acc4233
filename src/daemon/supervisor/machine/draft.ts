import type { EventName } from '../../../protocol/schemas.ts';
import { drainTimeoutMs } from './limits.ts';
import { countOf, type Effect, type Exit, type Release, type State, type Worker } from './state.ts';

/** One step in the making: a copy of the state that the rules change, and the effects in their order. */
export interface Draft {
  readonly state: State;
  readonly effects: Effect[];
  /** Milliseconds on a monotonic clock. */
  readonly now: number;
  /** In [0, 1): the jitter of a restart. */
  readonly random: number;
}

export function draftOf(state: State, now: number, random: number): Draft {
  const copy: State = {
    ...state,
    operation: state.operation && { ...state.operation },
    workers: state.workers.map((worker) => ({ ...worker })),
    restarts: [...state.restarts],
    crashes: { ...state.crashes },
  };
  return { state: copy, effects: [], now, random };
}

export function emit(draft: Draft, event: EventName, worker?: Worker, more: { exit?: Exit; note?: string } = {}): void {
  draft.effects.push({
    do: 'emit',
    event,
    count: countOf(draft.state),
    waitingFor: draft.state.waitingFor,
    ...(worker && { worker: worker.id }),
    ...more,
  });
}

export function spawn(draft: Draft, slot: number, release: Release, fresh: boolean): Worker {
  const worker: Worker = {
    id: draft.state.nextWorker++,
    slot,
    release,
    bornAt: draft.now,
    state: 'booting',
    fresh,
    awaited: false,
    asked: false,
    told: false,
    drainedBy: null,
    listening: false,
    hintAt: null,
    lostBy: null,
    kill: null,
  };
  draft.state.workers.push(worker);
  draft.effects.push({ do: 'spawn', worker: worker.id, slot, release });
  return worker;
}

export function tell(draft: Draft, worker: Worker): void {
  if (worker.told) return;
  worker.told = true;
  // One whose event loop is blocked never says who drains it, and must not be immortal for that.
  worker.kill ??= drainDeadline(draft, 'preload');
  draft.effects.push({ do: 'shutdown', worker: worker.id });
}

/** null: waited for, however long it takes. */
export function drainDeadline({ state, now }: Draft, by: 'preload' | 'app'): Worker['kill'] {
  const ms = state.drainTimeoutMs === 'default' ? (by === 'preload' ? drainTimeoutMs : null) : state.drainTimeoutMs;
  return ms === null ? null : { at: now + ms, signal: 'SIGTERM' };
}

/** Sends the signal now; a worker that outlives SIGTERM is killed `graceMs` later, and one that outlives SIGKILL again. */
export function kill(draft: Draft, worker: Worker, signal: 'SIGTERM' | 'SIGKILL', graceMs: number): void {
  worker.kill = { at: draft.now + graceMs, signal: 'SIGKILL' };
  draft.effects.push({ do: 'kill', worker: worker.id, signal });
}

export function inState(draft: Draft, ...states: Worker['state'][]): Worker[] {
  return draft.state.workers.filter((worker) => states.includes(worker.state));
}
