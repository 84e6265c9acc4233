import { type Draft, emit, inState } from './draft.ts';
import { destroyMs, drainGraceMs, drainTimeoutMs, killGraceMs } from './limits.ts';
import { isCandidate, type State, type Worker } from './state.ts';

/** How workers are made to leave. */

/** An operation asks it to leave. */
export function ask(draft: Draft, worker: Worker, operation: number): void {
  worker.state = 'dying';
  worker.askedIn = operation;
  emit(draft, 'ShutdownOld', worker);
  tell(draft, worker);
}

/**
 * One that said 'offline' goes on listening until another worker of its slot serves: when it is the only one, nobody else would answer. None comes where
 * the slot is no longer of the current release, or the worker never was.
 */
export function isReplaced(state: State, { slot, release }: Worker): boolean {
  const { current, operation, workers } = state;
  if (operation?.type === 'stop' || release.number !== current?.number || slot >= current.workerCount) return true;
  const serves = ({ state }: Worker) => state === 'online' || state === 'new_online';
  return workers.some((worker) => worker.slot === slot && serves(worker) && !isCandidate(state, worker));
}

export function tell(draft: Draft, worker: Worker): void {
  if (worker.shutdownSent) return;
  worker.shutdownSent = true;
  // One whose event loop is blocked never says who drains it, and must not be immortal for that.
  worker.kill ??= drainDeadline(draft, 'preload');
  draft.effects.push({ type: 'shutdown', worker: worker.id });
}

/** null: waited for, however long it takes. */
export function drainDeadline({ state, now }: Draft, by: 'preload' | 'app'): Worker['kill'] {
  const ms = state.drainTimeoutMs === 'default' ? (by === 'preload' ? drainTimeoutMs : null) : state.drainTimeoutMs;
  return ms === null ? null : { at: now + ms, signal: 'SIGTERM' };
}

/**
 * A new worker of a boot or deploy that is given up. It may be answering requests already when it listens, or is online (that may
 * be heard first): then it leaves like an old one, with a short deadline.
 */
export function destroy(draft: Draft, worker: Worker): void {
  const serves = worker.listening || worker.state === 'new_online';
  worker.state = 'destroyed';
  emit(draft, 'DestroyNew', worker);
  if (serves) {
    worker.kill = { at: draft.now + destroyMs, signal: 'SIGTERM' };
    tell(draft, worker);
  } else kill(draft, worker, 'SIGTERM', drainGraceMs);
}

/** What is still leaving, of this operation and of earlier ones. */
export function killLeaving(draft: Draft): void {
  for (const worker of inState(draft, 'dying')) {
    emit(draft, 'DestroyOld', worker);
    kill(draft, worker, 'SIGTERM', killGraceMs);
  }
}

/** Sends the signal now; a worker that outlives SIGTERM is killed `graceMs` later, and one that outlives SIGKILL again. */
export function kill(draft: Draft, worker: Worker, signal: 'SIGTERM' | 'SIGKILL', graceMs: number): void {
  worker.kill = { at: draft.now + graceMs, signal: 'SIGKILL' };
  draft.effects.push({ type: 'kill', worker: worker.id, signal });
}
