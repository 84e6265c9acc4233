import { fail } from './deploy.ts';
import { type Draft, emit, inState, tell } from './draft.ts';
import { restart } from './restart.ts';
import type { Worker } from './state.ts';

/** A worker that says 'offline' is replaced once, finishes what it has, and leaves. */
export function offline(draft: Draft, worker: Worker): void {
  if (worker.state === 'dying' || worker.state === 'destroyed') return;
  const lost = worker.fresh && draft.state.waitingFor === 'new';
  worker.state = 'dying';
  emit(draft, 'WorkerOffline', worker);
  if (lost) {
    tell(draft, worker);
    return fail(draft, { how: 'offline', worker: worker.id, slot: worker.slot });
  }
  const replacement = restart(draft, worker);
  if (replacement) emit(draft, 'SpawnNew', replacement);
}

/**
 * It goes on listening until another worker of its slot serves: when it is the only one, nobody else would answer. Then it is
 * sent 'shutdown' like any other.
 */
export function tellOffline(draft: Draft): void {
  const serving = new Set(inState(draft, 'online', 'new_online').map(({ slot }) => slot));
  for (const worker of inState(draft, 'dying')) if (serving.has(worker.slot)) tell(draft, worker);
}
