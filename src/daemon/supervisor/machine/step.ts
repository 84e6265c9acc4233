import { abort, begin, expire, fail, finishOld, settle } from './deploy.ts';
import { finishDestroy } from './destroy.ts';
import { type Draft, draftOf, drainDeadline, emit, inState, kill } from './draft.ts';
import { drainGraceMs, hintMs, lostMs } from './limits.ts';
import { offline, tellOffline } from './offline.ts';
import { crash, restartDue } from './restart.ts';
import type { Effect, Exit, Input, State, Worker } from './state.ts';
import { finishStop, stop } from './stop.ts';

const forgotOnline =
  "it listens, but has not said 'online': call process.send('online') when it serves, or start with --online-on listening";

const overdue = 'it did not leave before its drain deadline';
const tookNoShutdown = "it did not even take 'shutdown' before its drain deadline: its event loop was blocked";

/**
 * The whole behaviour of workers and deploys, pure: no clock, no process, no socket. `now` (ms, monotonic) and `random` come
 * with the input. Never throws: an input that makes no sense in this state changes nothing.
 */
export function step(state: State, input: Input, now: number, random = 0): [State, Effect[]] {
  const draft = draftOf(state, now, random);
  if (!state.over) apply(draft, input);
  return [draft.state, draft.effects];
}

function apply(draft: Draft, input: Input): void {
  const { state } = draft;
  switch (input.type) {
    case 'boot':
      return state.current === null && state.operation === null ? begin(draft, 'boot', input) : undefined;
    case 'deploy':
      return deploy(draft, input);
    case 'abort':
      return abort(draft);
    case 'stop':
      return stop(draft, input.timeoutMs);
    case 'tick':
      return tick(draft);
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
      if (!worker.told) worker.lostBy = draft.now + lostMs;
      return;
    case 'draining':
      return draining(draft, worker, input.by);
    case 'exit':
      return exited(draft, worker, input.exit);
  }
}

function deploy(draft: Draft, input: Extract<Input, { type: 'deploy' }>): void {
  const { state } = draft;
  if (state.waitingFor === 'shutdown') draft.effects.push({ do: 'refuse', kind: 'shutting-down' });
  else if (state.current === null) draft.effects.push({ do: 'refuse', kind: 'still-booting' });
  else if (state.waitingFor !== null) draft.effects.push({ do: 'refuse', kind: 'deploy-in-progress' });
  else begin(draft, 'deploy', input);
}

function online(draft: Draft, worker: Worker): void {
  const { state } = draft;
  if (worker.state !== 'booting') return;
  if (worker.fresh) {
    worker.state = 'new_online';
    emit(draft, 'NewOnline', worker);
    return settle(draft);
  }
  worker.state = state.waitingFor === 'old' ? 'new_online' : 'online';
  emit(draft, 'WorkerOnline', worker);
  tellOffline(draft);
  if (state.waitingFor === null && inState(draft, 'booting').length === 0) emit(draft, 'Ready');
}

/** The worker has said who drains it: now its deadline is known. */
function draining(draft: Draft, worker: Worker, by: 'preload' | 'app'): void {
  if (!worker.told) return;
  worker.drainedBy = by;
  if (worker.kill?.signal === 'SIGKILL') return;
  const deadline = drainDeadline(draft, by);
  // A new worker of a deploy that was given up keeps the short one.
  if (worker.state === 'destroyed' && (by === 'app' || deadline === null)) return;
  worker.kill = deadline;
}

function exited(draft: Draft, worker: Worker, exit: Exit): void {
  const { state } = draft;
  state.workers = state.workers.filter(({ id }) => id !== worker.id);
  if (worker.state === 'destroyed') emit(draft, 'NewDestroyed', worker, { exit });
  else if (worker.asked) emit(draft, 'OldExit', worker, { exit });
  else if (worker.state === 'dying') emit(draft, 'WorkerDeath', worker, { exit });
  else if (worker.fresh) {
    emit(draft, 'NewDeath', worker, { exit });
    const wasOnline = worker.state === 'new_online';
    return fail(draft, { how: 'died', worker: worker.id, slot: worker.slot, exit, wasOnline });
  } else return crash(draft, worker, exit);
  finishDestroy(draft);
  finishOld(draft);
  finishStop(draft);
}

function tick(draft: Draft): void {
  expire(draft);
  restartDue(draft);
  for (const worker of [...draft.state.workers]) {
    hintDue(draft, worker);
    lostDue(draft, worker);
    killDue(draft, worker);
  }
}

/** Every newcomer's first hang. */
function hintDue(draft: Draft, worker: Worker): void {
  if (worker.hintAt === null || worker.hintAt > draft.now) return;
  worker.hintAt = null;
  if (worker.state === 'booting') emit(draft, 'Status', worker, { note: forgotOnline });
}

function lostDue(draft: Draft, worker: Worker): void {
  if (worker.lostBy === null || worker.lostBy > draft.now) return;
  worker.lostBy = null;
  offline(draft, worker);
}

function killDue(draft: Draft, worker: Worker): void {
  if (worker.kill === null || worker.kill.at > draft.now) return;
  const { signal } = worker.kill;
  if (signal === 'SIGTERM' && worker.state === 'dying') {
    emit(draft, 'DestroyOld', worker, { note: worker.drainedBy === null ? tookNoShutdown : overdue });
  }
  kill(draft, worker, signal, drainGraceMs);
}
