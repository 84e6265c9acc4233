import { type Draft, emit, spawn } from './draft.ts';
import { healthyMs, restartDelay } from './limits.ts';
import type { Exit, Worker } from './state.ts';

/** Resuscitation: a slot that lost its worker gets another one of the current release. */

export function crash(draft: Draft, worker: Worker, exit: Exit): void {
  restart(draft, worker);
  emit(draft, 'WorkerDeath', worker, { exit });
}

/** Starts the slot's next worker at once, or notes when: a slot that crashes again and again waits longer each time. */
export function restart(draft: Draft, lost: Worker): Worker | null {
  const { state, now, random } = draft;
  if (state.current === null) return null;
  const healthy = now - lost.bornAt >= healthyMs;
  const crashes = (healthy ? 0 : (state.crashes[lost.slot] ?? 0)) + 1;
  state.crashes[lost.slot] = crashes;
  const delay = restartDelay(crashes, random);
  if (delay === 0) return spawn(draft, lost.slot, state.current, false);
  state.restarts.push({ slot: lost.slot, at: now + delay });
  return null;
}

export function restartDue(draft: Draft): void {
  const { state, now } = draft;
  const due = state.restarts.filter(({ at }) => at <= now);
  state.restarts = state.restarts.filter(({ at }) => at > now);
  if (state.current === null) return;
  for (const { slot } of due) emit(draft, 'SpawnNew', spawn(draft, slot, state.current, false));
}
