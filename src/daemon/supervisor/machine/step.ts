import { advance } from './advance.ts';
import { type Draft, draftOf, emit } from './draft.ts';
import type { Effect } from './effects.ts';
import { probed } from './health.ts';
import type { Input } from './inputs.ts';
import { spoke } from './leave.ts';
import { lostMs } from './limits.ts';
import { abort, begin, deploy, fail, promote, stop } from './operation.ts';
import { listens, sayOnline } from './ready.ts';
import { offline, restart } from './restart.ts';
import { type Exit, isCandidate, rolloutOf, type State, type Worker } from './state.ts';
import { sum } from './strategy/bake.ts';
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
    case 'promote':
      return promote(draft);
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
      return sayOnline(draft, worker);
    case 'offline':
      return offline(draft, worker);
    case 'listening':
      return listens(draft, worker);
    case 'serving':
      return listens(draft, worker, input.at);
    case 'disconnect':
      if (!worker.leaving) worker.lostBy = draft.now + lostMs;
      return;
    case 'rests':
      worker.rests = true;
      return;
    case 'draining':
    case 'holding':
    case 'drained':
    case 'leaving':
      return spoke(draft, worker, input);
    case 'answers':
      worker.answers = { total: input.total, errors: input.errors };
      return;
    case 'probed':
      return probed(draft, worker, input);
    case 'exit':
      return exited(draft, worker, input.exit);
  }
}

function exited(draft: Draft, worker: Worker, exit: Exit): void {
  const { state } = draft;
  const wasCandidate = isCandidate(state, worker);
  state.workers = state.workers.filter(({ id }) => id !== worker.id);
  bury(draft, worker);
  if (worker.state === 'destroyed' || worker.undone) emit(draft, 'NewDestroyed', worker, { exit });
  else if (worker.askedIn !== null) emit(draft, 'OldExit', worker, { exit });
  else if (wasCandidate) {
    emit(draft, 'NewDeath', worker, { exit });
    fail(draft, { type: 'died', worker: worker.id, slot: worker.slot, exit, wasOnline: worker.state === 'new_online' });
  } else {
    if (worker.state !== 'dying') restart(draft, worker);
    emit(draft, 'WorkerDeath', worker, { exit });
  }
}

/** What an old worker has answered is remembered: a bake may have to be judged by it. */
function bury({ state }: Draft, { wave, answers }: Worker): void {
  const rollout = rolloutOf(state);
  if (rollout && wave !== rollout.id) state.operation = { ...rollout, gone: sum([rollout.gone, answers]) };
}
