import { type Draft, emit, inState, kill, tell } from './draft.ts';
import { destroyMs, drainGraceMs } from './limits.ts';
import type { Worker } from './state.ts';
import { close } from './stop.ts';

/** The rules of a boot or deploy that is given up: its new workers go, and nothing else has changed. */

export function destroyNew(draft: Draft): void {
  const { operation, workers } = draft.state;
  if (operation === null || operation.destroying) return;
  operation.destroying = true;
  operation.deadline = null;
  const fresh = workers.filter((worker) => worker.fresh);
  for (const worker of fresh.filter(({ state }) => state === 'new_online')) destroyOne(draft, worker);
  for (const worker of fresh.filter(({ state }) => state === 'booting')) destroyOne(draft, worker);
  finishDestroy(draft);
}

/**
 * It may be answering requests already when it listens, or is online (that may be heard first): then it leaves like an old one,
 * with a short deadline.
 */
function destroyOne(draft: Draft, worker: Worker): void {
  const serves = worker.listening || worker.state === 'new_online';
  worker.state = 'destroyed';
  emit(draft, 'DestroyNew', worker);
  if (serves) {
    worker.kill = { at: draft.now + destroyMs, signal: 'SIGTERM' };
    tell(draft, worker);
  } else kill(draft, worker, 'SIGTERM', drainGraceMs);
}

/** The former release is current as it was: nothing of the candidate is left. */
export function finishDestroy(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation === null || !operation.destroying || inState(draft, 'destroyed').length > 0) return;
  const failure = operation.failure ?? { how: 'aborted' };
  for (const worker of state.workers) worker.fresh = false;
  state.candidate = null;
  state.waitingFor = null;
  state.operation = null;
  if (operation.kind === 'boot') return close(draft, failure);
  const aborted = failure.how === 'aborted';
  emit(draft, aborted ? 'Ready' : 'DeployFailed');
  draft.effects.push({ do: 'end', kind: aborted ? 'deploy-aborted' : 'deploy-failed', failure });
}
