import type { EventName } from '../../../protocol/schemas.ts';
import type { Details, Effect } from './effects.ts';
import { countOf, type Release, type State, type Worker, waitingForOf } from './state.ts';

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
  const workers = state.workers.map((worker) => ({ ...worker }));
  const { restarts, crashes, restarted } = state;
  const copy = { ...state, workers, restarts: [...restarts], crashes: { ...crashes }, restarted: { ...restarted } };
  return { state: copy, effects: [], now, random };
}

export function emit(draft: Draft, event: EventName, worker?: Worker, more: Details = {}): void {
  draft.effects.push({
    type: 'emit',
    event,
    count: countOf(draft.state),
    waitingFor: waitingForOf(draft.state),
    ...(worker && { worker: worker.id }),
    ...more,
  });
}

/** wave: of which operation its release is. */
export function spawn(draft: Draft, slot: number, release: Release, wave = draft.state.wave): Worker {
  const worker: Worker = {
    id: draft.state.nextWorker++,
    slot,
    release,
    wave,
    bornAt: draft.now,
    state: 'booting',
    askedIn: null,
    undone: false,
    leaving: null,
    listening: false,
    rests: false,
    serving: false,
    silentAt: null,
    lostBy: null,
    kill: null,
    answers: { total: 0, errors: 0 },
    health: null,
  };
  draft.state.workers.push(worker);
  draft.effects.push({ type: 'spawn', worker: worker.id, slot, release });
  return worker;
}

/** In the order of the states. */
export function inState(draft: Draft, ...states: Worker['state'][]): Worker[] {
  return states.flatMap((state) => draft.state.workers.filter((worker) => worker.state === state));
}
