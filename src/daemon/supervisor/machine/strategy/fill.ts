import { bootsFreeAt } from '../boots.ts';
import { type Draft, emit, spawn } from '../draft.ts';
import { isCandidate, type Release, type Rollout, rolloutOf, type State, type Undoing } from '../state.ts';
import { isCanaryStep, slotsNow } from './steps.ts';

/** Which new workers are wanted now. */

interface Want {
  readonly slot: number;
  readonly release: Release;
  readonly wave: number;
  readonly isCandidate: boolean;
  /** Nobody serves the slot: that does not wait until there is room. */
  readonly urgent: boolean;
}

/** Starts as many of them as there is room for, and as may boot at once. */
export function fill(draft: Draft): void {
  const { state, now } = draft;
  for (const want of wants(state)) {
    if (!hasRoom(state, want) || bootsFreeAt(state, want.isCandidate) > now) return;
    emit(draft, 'SpawnNew', spawn(draft, want.slot, want.release, want.wave));
  }
}

/** When the next one may boot; null: nobody is wanted, or somebody has to leave first. */
export function wantsNext(state: State): number | null {
  const [want] = wants(state);
  if (want === undefined || !hasRoom(state, want)) return null;
  return bootsFreeAt(state, want.isCandidate);
}

/** In the order in which they are wanted. */
export function wants(state: State): Want[] {
  const rollout = rolloutOf(state);
  if (rollout?.phase === 'new' && rollout.failure === null) return newOnes(state, rollout);
  if (rollout?.phase === 'undo') return formerOnes(state, rollout);
  return [];
}

function newOnes(state: State, rollout: Rollout): Want[] {
  const { id: wave, release } = rollout;
  const taken = new Set(state.workers.flatMap((worker) => (isCandidate(state, worker) ? worker.slot : [])));
  return slotsNow(rollout)
    .filter((slot) => !taken.has(slot))
    .map((slot) => ({ slot, release, wave, isCandidate: true, urgent: false }));
}

/** In the slots that were replaced already; first where nobody serves. */
function formerOnes({ current: release, wave, workers, restarts }: State, { id, replaced, forced }: Undoing): Want[] {
  if (release === null) return [];
  const alive = workers.filter(({ state }) => state === 'booting' || state === 'online' || state === 'new_online');
  const taken = new Set(alive.flatMap((worker) => (worker.wave === id ? [] : worker.slot)));
  for (const { slot } of restarts) taken.add(slot);
  const served = new Set(alive.flatMap(({ state, slot }) => (state === 'booting' ? [] : slot)));
  return replaced
    .filter((slot) => !taken.has(slot))
    .map((slot) => ({ slot, release, wave, isCandidate: false, urgent: !forced && !served.has(slot) }))
    .sort((a, b) => Number(b.urgent) - Number(a.urgent));
}

/** A slot that waits to be started again needs its place, too. */
function hasRoom(state: State, { urgent }: Want): boolean {
  const rollout = rolloutOf(state);
  return urgent || rollout === null || state.workers.length + state.restarts.length < mostOf(rollout);
}

/** How many workers there may be, leaving ones included. */
function mostOf(rollout: Rollout): number {
  const { count, strategy } = rollout;
  return count + (isCanaryStep(rollout) ? Math.max(strategy.surge, strategy.canary) : strategy.surge);
}
