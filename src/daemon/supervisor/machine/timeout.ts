import { type Draft, emit } from './draft.ts';
import { kill, killLeaving } from './leave.ts';
import { drainGraceMs } from './limits.ts';
import { giveUp } from './operation.ts';
import { offline } from './restart.ts';
import { isCandidate, type Worker } from './state.ts';

const forgotOnline =
  "it listens, but has not said 'online': call process.send('online') when it serves, or start with --online-on listening";

const overdue = 'it did not leave before its drain deadline';
const tookNoShutdown = "it did not even take 'shutdown' before its drain deadline: its event loop was blocked";

/** What should have happened by now. */
export function timeout(draft: Draft): void {
  const due = (at: number | null | undefined) => at != null && at <= draft.now;
  if (due(draft.state.operation?.deadline)) expire(draft);
  for (const worker of [...draft.state.workers]) {
    if (due(worker.hintAt)) remind(draft, worker);
    if (due(worker.lostBy)) {
      worker.lostBy = null;
      offline(draft, worker);
    }
    if (due(worker.kill?.at)) overstay(draft, worker);
  }
}

/** The time that the operation was given is over. */
function expire(draft: Draft): void {
  const { state, now } = draft;
  const { operation } = state;
  if (operation === null) return;
  state.operation = { ...operation, deadline: null };
  if (operation.type === 'stop' || operation.phase !== 'new') {
    emit(draft, 'Timeout');
    return killLeaving(draft);
  }
  if (operation.failure) return giveUp(draft, operation.failure);
  emit(draft, 'Timeout');
  const silent = state.workers.find((worker) => worker.state === 'booting' && isCandidate(state, worker));
  const afterMs = now - operation.startedAt;
  giveUp(draft, silent ? { type: 'silent', worker: silent.id, slot: silent.slot, afterMs } : { type: 'aborted' });
}

/** Every newcomer's first hang. */
function remind(draft: Draft, worker: Worker): void {
  worker.hintAt = null;
  if (worker.state === 'booting') emit(draft, 'Status', worker, { note: forgotOnline });
}

function overstay(draft: Draft, worker: Worker): void {
  const signal = worker.kill?.signal ?? 'SIGKILL';
  if (signal === 'SIGTERM' && worker.state === 'dying') {
    emit(draft, 'DestroyOld', worker, { note: worker.drainedBy === null ? tookNoShutdown : overdue });
  }
  kill(draft, worker, signal, drainGraceMs);
}
