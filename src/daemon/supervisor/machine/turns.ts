import type { Draft } from './draft.ts';
import { turnMs } from './limits.ts';
import { freeAt } from './places.ts';
import type { Leaving, State, Worker } from './state.ts';

/**
 * Who leaves uses the CPU, most of all for the end of his process: many at the same time take it from those who serve (measured with
 * 64 workers on 2 CPUs: new connections waited 40 ms at p99, and not 400). So as many are told at a time as there are CPUs.
 */

/** Those go first that are drained already. */
export function giveTurns(draft: Draft): void {
  const { workers } = draft.state;
  for (const next of ['shutdown', 'drain'] as const) {
    for (const worker of workers) {
      if (worker.leaving?.next !== next) continue;
      if (nextTurnAt(draft.state) > draft.now) return;
      tell(draft, worker, next);
    }
  }
}

export function tell(draft: Draft, worker: Worker, what: NonNullable<Leaving['next']>): void {
  const { now: toldAt } = draft;
  if (worker.leaving) worker.leaving = { ...worker.leaving, next: null, toldAt, shutdownSent: what === 'shutdown' };
  draft.effects.push({ type: what, worker: worker.id });
}

/** Until it is its turn it may still serve: where the system shares out the connections (--scheduling none). */
export function isUntold({ leaving }: Worker): boolean {
  return leaving !== null && leaving.next !== null && !leaving.answered;
}

/** When it is somebody's turn, if none of those that were told speaks or ends; null: nobody waits for it. */
export function turnFreeAt(state: State): number | null {
  return state.workers.some(({ leaving }) => leaving?.next) ? nextTurnAt(state) : null;
}

function nextTurnAt({ workers, settings }: State): number {
  const until = workers.flatMap(({ leaving }) => (leaving?.toldAt == null ? [] : leaving.toldAt + turnMs));
  return freeAt(until, settings.leaveParallel);
}
