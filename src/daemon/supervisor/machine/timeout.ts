import { type Draft, emit } from './draft.ts';
import { lookAfter, lookOf } from './health.ts';
import { killLeaving, overstay } from './leave.ts';
import { remind } from './ready.ts';
import { offline } from './restart.ts';
import { type Failure, isCandidate, type Worker } from './state.ts';
import { force, giveUp } from './strategy/undo.ts';
import { tellWaiting } from './waiting.ts';

/** What should have happened by now. */
export function timeout(draft: Draft): void {
  const due = (at: number | null | undefined) => at != null && at <= draft.now;
  if (due(draft.state.operation?.deadline)) expire(draft);
  if (due(draft.state.waiting?.at)) tellWaiting(draft);
  for (const worker of [...draft.state.workers]) {
    if (due(worker.silentAt)) remind(draft, worker);
    if (due(worker.lostBy)) {
      worker.lostBy = null;
      offline(draft, worker);
    }
    lookAfter(draft, worker);
    if (due(worker.kill?.at)) overstay(draft, worker);
  }
}

/** The time that the operation was given is over. */
function expire(draft: Draft): void {
  const { state, now } = draft;
  const { operation } = state;
  if (operation === null) return;
  state.operation = { ...operation, deadline: null };
  if (operation.type !== 'stop' && operation.phase === 'new' && operation.failure)
    return giveUp(draft, operation.failure);
  emit(draft, 'Timeout');
  if (operation.type === 'stop' || operation.phase === 'old') return killLeaving(draft);
  if (operation.phase === 'undo') return force(draft, operation);
  const silent = state.workers.find((worker) => worker.state === 'booting' && isCandidate(state, worker));
  const afterMs = now - operation.startedAt;
  giveUp(draft, silent ? failureOf(silent, afterMs) : { type: 'aborted' });
}

function failureOf(worker: Worker, afterMs: number): Failure {
  const who = { worker: worker.id, slot: worker.slot, afterMs };
  return worker.health ? { type: 'unhealthy', ...who, look: lookOf(worker) } : { type: 'silent', ...who };
}
