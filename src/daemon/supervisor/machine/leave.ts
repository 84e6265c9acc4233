import { type Draft, emit, inState } from './draft.ts';
import type { Speech } from './inputs.ts';
import { deafMs, destroyMs, drainGraceMs, drainTimeoutMs, killGraceMs, lastCallMs } from './limits.ts';
import { isCandidate, rolloutOf, type State, type Worker } from './state.ts';
import { tell } from './turns.ts';

/** How workers are made to leave: drained first, and then told. */

const overdue = 'it did not leave before its drain deadline';
const neverAnswered = 'it did not even begin to drain before its deadline: its event loop was blocked';
const tookNoShutdown = "it did not even take 'shutdown' before its drain deadline: its event loop was blocked";

/** An operation asks it to leave. */
export function ask(draft: Draft, worker: Worker, operation: number): void {
  worker.state = 'dying';
  worker.askedIn = operation;
  emit(draft, 'ShutdownOld', worker);
  leave(draft, worker);
}

/**
 * One that said 'offline' goes on listening until another worker of its slot serves: when it is the only one, nobody else would
 * answer. None comes where the slot is no longer of the current release. A new one that may still have to go counts where the old one
 * has gone for it.
 */
export function isReplaced(state: State, { slot }: Worker): boolean {
  const { current, operation, workers } = state;
  if (operation?.type === 'stop' || current === null || slot >= current.workerCount) return true;
  const counts = (worker: Worker) => !isCandidate(state, worker) || rolloutOf(state)?.replaced.includes(slot);
  const serves = ({ state }: Worker) => state === 'online' || state === 'new_online';
  return workers.some((worker) => worker.slot === slot && serves(worker) && counts(worker));
}

export function leave(draft: Draft, worker: Worker): void {
  if (worker.leaving) return;
  const { drain, drainTimeoutMs: ms } = draft.state.settings;
  const limit = ms === 'default' ? drainTimeoutMs : ms;
  // One whose event loop is blocked never says who ends it, and must not be immortal for that.
  worker.kill ??= limit === null ? null : { at: draft.now + limit, signal: 'SIGTERM' };
  const deadline = worker.kill?.at ?? null;
  const asked = {
    since: draft.now,
    deadline,
    answered: false,
    holding: null,
    shutdownSent: false,
    toldAt: null,
    by: null,
  };
  worker.leaving = { ...asked, next: drain === 'app' ? 'shutdown' : 'drain' };
  draft.effects.push({ type: 'dismiss', worker: worker.id });
}

/** It drains, is drained, or says who ends the process. */
export function spoke(draft: Draft, worker: Worker, input: Speech): void {
  const { leaving } = worker;
  if (leaving === null) return;
  worker.leaving = { ...leaving, answered: true };
  if ('left' in input && input.left) worker.leaving = { ...worker.leaving, holding: input.left };
  // One that ends the process is on the CPU until it is gone.
  if (input.type !== 'leaving' || input.by === 'app') worker.leaving = { ...worker.leaving, toldAt: null };
  if (input.type === 'drained' && !leaving.shutdownSent) worker.leaving = { ...worker.leaving, next: 'shutdown' };
  else if (input.type === 'leaving' && leaving.shutdownSent) told(draft, worker, input.by);
}

/**
 * As in 1.x, an application that has heard it and leaves by itself has the time that it needs, unless a limit was set. Its first word
 * counts: a second one finds no deadline to put back.
 */
function told({ state, now }: Draft, worker: Worker, by: 'preload' | 'app'): void {
  if (worker.leaving === null || worker.leaving.by !== null) return;
  worker.leaving = { ...worker.leaving, by };
  if (worker.kill?.signal !== 'SIGTERM') return;
  if (by === 'preload') {
    // Its drain was over at the deadline.
    worker.kill = { ...worker.kill, at: Math.max(now, worker.leaving.deadline ?? now) };
  } else if (state.settings.drainTimeoutMs === 'default' && worker.state !== 'destroyed') worker.kill = null;
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
    leave(draft, worker);
  } else kill(draft, worker, 'SIGTERM', drainGraceMs);
}

/** What is still leaving, of this operation and of earlier ones. */
export function killLeaving(draft: Draft): void {
  for (const worker of inState(draft, 'dying')) {
    emit(draft, 'DestroyOld', worker);
    kill(draft, worker, 'SIGTERM', killGraceMs);
  }
}

/**
 * The time of its next signal has come. One that was not told before is told now, and has a last moment, unless it has been deaf for so long
 * that it would not hear SIGTERM either.
 */
export function overstay(draft: Draft, worker: Worker): void {
  const signal = worker.kill?.signal ?? 'SIGKILL';
  if (signal === 'SIGTERM' && isDeaf(draft, worker)) {
    emit(draft, 'DestroyOld', worker, { note: neverAnswered });
    return kill(draft, worker, 'SIGKILL', drainGraceMs);
  }
  if (signal === 'SIGTERM' && worker.leaving?.shutdownSent === false) {
    worker.kill = { at: draft.now + lastCallMs, signal };
    return tell(draft, worker, 'shutdown');
  }
  if (signal === 'SIGTERM' && worker.state === 'dying') {
    emit(draft, 'DestroyOld', worker, { note: worker.leaving?.by ? overdue : tookNoShutdown });
  }
  kill(draft, worker, signal, drainGraceMs);
}

/** It was asked a while ago, and has not even said that it drains. One that was told by --drain app has nothing to say. */
function isDeaf({ now }: Draft, { state, leaving }: Worker): boolean {
  if (state !== 'dying' || leaving === null || leaving.answered || leaving.shutdownSent) return false;
  return leaving.toldAt !== null && now - leaving.toldAt >= deafMs;
}

/** Sends the signal now; a worker that outlives SIGTERM is killed `graceMs` later, and one that outlives SIGKILL again. */
export function kill(draft: Draft, worker: Worker, signal: 'SIGTERM' | 'SIGKILL', graceMs: number): void {
  worker.kill = { at: draft.now + graceMs, signal: 'SIGKILL' };
  draft.effects.push({ type: 'kill', worker: worker.id, signal });
}
