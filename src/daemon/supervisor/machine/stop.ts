import { type Draft, emit, inState, kill, tell } from './draft.ts';
import { shutdownOld } from './leave.ts';
import { killGraceMs } from './limits.ts';
import type { Failure } from './state.ts';

/** The end: all workers are asked to leave, and the daemon goes after the last one. */

export function stop(draft: Draft, timeoutMs: number | null): void {
  const { state, now } = draft;
  const deadline = timeoutMs === null ? null : now + timeoutMs;
  if (state.operation?.kind === 'stop') {
    draft.effects.push({ do: 'join' });
    const { operation } = state;
    if (deadline !== null) operation.deadline = Math.min(operation.deadline ?? deadline, deadline);
    return;
  }
  if (state.waitingFor === 'shutdown') return void draft.effects.push({ do: 'join' });
  if (state.operation !== null) draft.effects.push({ do: 'end', kind: 'shutting-down' });
  draft.effects.push({ do: 'begin', kind: 'stop' });
  state.operation = { kind: 'stop', startedAt: now, deadline, waitOld: true, failure: null, destroying: false };
  state.waitingFor = 'shutdown';
  state.candidate = null;
  state.restarts = [];
  for (const worker of inState(draft, 'dying')) tell(draft, worker);
  for (const phase of ['booting', 'online', 'new_online'] as const) {
    for (const worker of inState(draft, phase)) shutdownOld(draft, worker);
  }
  finishStop(draft);
}

/**
 * When those that the stop asked have left, 1.x ended, whatever workers were still leaving from earlier. Here those with a
 * deadline of their own are waited for; the others would be waited for for ever, and are killed.
 */
export function finishStop(draft: Draft): void {
  const { state } = draft;
  if (state.waitingFor !== 'shutdown' || state.over || state.workers.some((worker) => worker.awaited)) return;
  for (const worker of state.workers) if (worker.kill === null) kill(draft, worker, 'SIGTERM', killGraceMs);
  if (state.workers.length > 0) return;
  const failed = state.operation?.kind === 'boot' ? state.operation.failure : null;
  state.over = true;
  state.operation = null;
  emit(draft, 'Shutdown');
  draft.effects.push(failed ? { do: 'end', kind: 'boot-failed', failure: failed } : { do: 'end' });
  draft.effects.push({ do: 'exit', code: failed ? 1 : 0 });
}

/** A boot that failed ends the daemon. */
export function close(draft: Draft, failure: Failure): void {
  draft.state.waitingFor = 'shutdown';
  draft.state.operation = {
    kind: 'boot',
    startedAt: draft.now,
    deadline: null,
    waitOld: true,
    failure,
    destroying: false,
  };
  finishStop(draft);
}
