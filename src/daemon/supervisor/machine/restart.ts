import { bootsFreeAt } from './boots.ts';
import { type Draft, emit, spawn } from './draft.ts';
import { healthyMs, restartDelay } from './limits.ts';
import { fail } from './operation.ts';
import { isCandidate, type Worker } from './state.ts';

/** Resuscitation: a slot that lost its worker gets another one of the current release. */

/** A worker that says 'offline' is replaced once, finishes what it has, and leaves. */
export function offline(draft: Draft, worker: Worker): void {
  if (worker.state === 'dying' || worker.state === 'destroyed') return;
  const wasCandidate = isCandidate(draft.state, worker);
  worker.state = 'dying';
  emit(draft, 'WorkerOffline', worker);
  if (wasCandidate) return fail(draft, { type: 'offline', worker: worker.id, slot: worker.slot });
  const replacement = restart(draft, worker);
  if (replacement) emit(draft, 'SpawnNew', replacement);
}

/** Starts the slot's next worker at once, or notes when: it waits where many boot, and longer each time where it crashes again and again. */
export function restart(draft: Draft, lost: Worker): Worker | null {
  const { state, now, random } = draft;
  if (state.current === null) return null;
  const healthy = now - lost.bornAt >= healthyMs;
  const crashes = (healthy ? 0 : (state.crashes[lost.slot] ?? 0)) + 1;
  state.crashes[lost.slot] = crashes;
  state.restarted[lost.slot] = (state.restarted[lost.slot] ?? 0) + 1;
  const delay = restartDelay(crashes, random);
  if (delay === 0 && bootsFreeAt(state, false) <= now) return spawn(draft, lost.slot, state.current);
  state.restarts.push({ slot: lost.slot, at: now + delay });
  return null;
}
