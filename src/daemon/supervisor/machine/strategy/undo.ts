import { reasonText } from '../../failure.ts';
import { type Draft, emit, inState } from '../draft.ts';
import { destroy, killLeaving, leave } from '../leave.ts';
import { undoMs } from '../limits.ts';
import { type Failure, isCandidate, rolloutOf, type State, type Undoing, type Worker } from '../state.ts';
import { isUntold } from '../turns.ts';
import { isPlain } from './strategy.ts';

/** A boot or deploy is given up: its workers go, and where an old one has gone already the former release comes back first. */

/** The way back has as long as the way there, and time enough to boot. */
export function giveUp(draft: Draft, failure: Failure): void {
  const { state, now } = draft;
  const rollout = rolloutOf(state);
  if (rollout === null) return;
  const { strategy, timeoutMs } = rollout;
  const deadline = isPlain(strategy) || timeoutMs === null ? null : now + Math.max(timeoutMs, undoMs);
  state.operation = { ...rollout, phase: 'undo', failure, deadline, forced: false };
  if (!isPlain(strategy)) emit(draft, 'Undo', undefined, { note: reasonText(failure, slotName) });
}

/** Nobody waits any longer for the former release, nor for those that leave. */
export function force(draft: Draft, undoing: Undoing): void {
  draft.state.operation = { ...undoing, forced: true, deadline: null };
  killLeaving(draft);
}

export function undo(draft: Draft, undoing: Undoing): void {
  const { state } = draft;
  const candidates = inState(draft, 'new_online', 'booting').filter((worker) => isCandidate(state, worker));
  for (const worker of candidates) {
    if (worker.state === 'booting' || isPlain(undoing.strategy) || undoing.forced) destroy(draft, worker);
    else if (isBack(state, undoing, worker.slot)) takeBack(draft, worker, undoing.id);
  }
}

/** It is as it was before the deploy; where that was not waited for, as soon as `fill` wants nobody. */
export function isUndone({ workers }: State, undoing: Undoing): boolean {
  const { id, replaced, forced, waitOld } = undoing;
  if (workers.some(({ wave, state }) => state === 'destroyed' || (wave === id && state !== 'dying'))) return false;
  if (workers.some((worker) => worker.askedIn === id && (waitOld || isUntold(worker)))) return false;
  return forced || replaced.every((slot) => serves(workers, undoing, slot));
}

function isBack({ workers }: State, undoing: Undoing, slot: number): boolean {
  return !undoing.replaced.includes(slot) || serves(workers, undoing, slot);
}

function serves(workers: Worker[], { id }: Undoing, slot: number): boolean {
  return workers.some((worker) => worker.slot === slot && worker.state === 'online' && worker.wave !== id);
}

/** It has served as well as the old ones, and leaves like them. */
function takeBack(draft: Draft, worker: Worker, operation: number): void {
  worker.state = 'dying';
  worker.askedIn = operation;
  worker.undone = true;
  emit(draft, 'DestroyNew', worker);
  leave(draft, worker);
}

const slotName = (_worker: number, slot: number): string => `worker ${slot}`;
