import { advance } from './advance.ts';
import { type Draft, draftOf, emit, inState } from './draft.ts';
import { drainDeadline } from './leave.ts';
import { hintMs, lostMs } from './limits.ts';
import { abort, begin, deploy, fail, stop } from './operation.ts';
import { offline, restart } from './restart.ts';
import { type Effect, type Exit, type Input, isCandidate, type State, type Worker, waitingForOf } from './state.ts';
import { timeout } from './timeout.ts';

/**
 * The whole behaviour of workers and deploys, pure: no clock, no process, no socket. `now` (ms, monotonic) and `random` come
 * with the input. Never throws: an input that makes no sense in this state changes nothing.
 */
export function step(state: State, input: Input, now: number, random = 0): [State, Effect[]] {
  const draft = draftOf(state, now, random);
  if (!state.over) {
    apply(draft, input);
    advance(draft);
  }
  return [draft.state, draft.effects];
}

/** Notes what the input says; what follows from it is `advance`'s. */
function apply(draft: Draft, input: Input): void {
  const { state } = draft;
  switch (input.type) {
    case 'boot':
      return state.current === null && state.operation === null ? begin(draft, input) : undefined;
    case 'deploy':
      return deploy(draft, input);
    case 'abort':
      return abort(draft);
    case 'stop':
      return stop(draft, input.timeoutMs);
    case 'tick':
      return timeout(draft);
    default: {
      const worker = state.workers.find(({ id }) => id === input.worker);
      if (worker) happened(draft, worker, input);
    }
  }
}

function happened(draft: Draft, worker: Worker, input: Extract<Input, { worker: number }>): void {
  switch (input.type) {
    case 'online':
      return online(draft, worker);
    case 'offline':
      return offline(draft, worker);
    case 'listening':
      if (worker.state === 'booting' && !worker.listening) worker.hintAt = draft.now + hintMs;
      worker.listening = true;
      return;
    case 'disconnect':
      if (!worker.shutdownSent) worker.lostBy = draft.now + lostMs;
      return;
    case 'draining':
      return draining(draft, worker, input.by);
    case 'exit':
      return exited(draft, worker, input.exit);
  }
}

function online(draft: Draft, worker: Worker): void {
  const { state } = draft;
  if (worker.state !== 'booting') return;
  if (isCandidate(state, worker)) {
    worker.state = 'new_online';
    return emit(draft, 'NewOnline', worker);
  }
  const waitingFor = waitingForOf(state);
  worker.state = waitingFor === 'old' ? 'new_online' : 'online';
  emit(draft, 'WorkerOnline', worker);
  if (waitingFor === null && inState(draft, 'booting').length === 0) emit(draft, 'Ready');
}

/** The worker has said who drains it: now its deadline is known. */
function draining(draft: Draft, worker: Worker, by: 'preload' | 'app'): void {
  if (!worker.shutdownSent) return;
  worker.drainedBy = by;
  if (worker.kill?.signal === 'SIGKILL') return;
  const deadline = drainDeadline(draft, by);
  // A new worker of a deploy that was given up keeps the short one.
  if (worker.state === 'destroyed' && (by === 'app' || deadline === null)) return;
  worker.kill = deadline;
}

function exited(draft: Draft, worker: Worker, exit: Exit): void {
  const { state } = draft;
  const wasCandidate = isCandidate(state, worker);
  state.workers = state.workers.filter(({ id }) => id !== worker.id);
  if (worker.state === 'destroyed') emit(draft, 'NewDestroyed', worker, { exit });
  else if (worker.askedIn !== null) emit(draft, 'OldExit', worker, { exit });
  else if (wasCandidate) {
    emit(draft, 'NewDeath', worker, { exit });
    fail(draft, { type: 'died', worker: worker.id, slot: worker.slot, exit, wasOnline: worker.state === 'new_online' });
  } else {
    if (worker.state !== 'dying') restart(draft, worker);
    emit(draft, 'WorkerDeath', worker, { exit });
  }
}
