import type { Draft } from '../draft.ts';
import { isCandidate, type Rollout, rolloutOf } from '../state.ts';
import { judge, watch } from './bake.ts';
import { affects, slotsNow } from './steps.ts';
import { giveUp } from './undo.ts';

/**
 * Nothing happens before each new worker that is waited for is online or lost. Then comes the next step, the point of no return, or the
 * way back.
 */
export function decide(draft: Draft): void {
  const { state } = draft;
  const baking = rolloutOf(state);
  if (baking?.phase === 'bake') judge(draft, baking);
  const rollout = rolloutOf(state);
  if (rollout?.phase !== 'new') return;
  const candidates = state.workers.filter((worker) => isCandidate(state, worker));
  if (rollout.failure) {
    if (!candidates.some((worker) => worker.state === 'booting')) giveUp(draft, rollout.failure);
    return;
  }
  const online = new Set(candidates.flatMap(({ state, slot }) => (state === 'new_online' ? slot : [])));
  if (!slotsNow(rollout).every((slot) => online.has(slot))) return;
  if (rollout.strategy.bakeMs > 0 && !rollout.baked) watch(draft, rollout);
  else commit(draft, rollout);
}

/** The point of no return. */
function commit({ state }: Draft, rollout: Rollout): void {
  state.operation = { ...rollout, phase: 'old' };
  state.current = rollout.release;
  state.wave = rollout.id;
  state.restarts = state.restarts.filter(({ slot }) => !affects(rollout, slot));
  state.crashes = withoutAffected(state.crashes, rollout);
  state.restarted = withoutAffected(state.restarted, rollout);
}

function withoutAffected(bySlot: Record<number, number>, rollout: Rollout): Record<number, number> {
  return Object.fromEntries(Object.entries(bySlot).filter(([slot]) => !affects(rollout, Number(slot))));
}
