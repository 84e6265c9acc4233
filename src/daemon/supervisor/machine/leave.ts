import { type Draft, emit, inState, kill, tell } from './draft.ts';
import { killGraceMs } from './limits.ts';
import type { Worker } from './state.ts';

/** How workers that have served are made to leave. */

export function shutdownOld(draft: Draft, worker: Worker, awaited = true): void {
  worker.state = 'dying';
  worker.fresh = false;
  worker.asked = true;
  worker.awaited = awaited;
  emit(draft, 'ShutdownOld', worker);
  tell(draft, worker);
}

/** Kills what is still leaving, of this operation and of earlier ones. */
export function destroyOld(draft: Draft): void {
  for (const worker of inState(draft, 'dying')) {
    emit(draft, 'DestroyOld', worker);
    kill(draft, worker, 'SIGTERM', killGraceMs);
  }
}
