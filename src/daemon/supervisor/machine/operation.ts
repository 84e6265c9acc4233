import { type Draft, emit, spawn } from './draft.ts';
import { killLeaving } from './leave.ts';
import { settleMs } from './limits.ts';
import type { Failure, Input } from './state.ts';

/** How operations begin, and what can be said to them while they are in progress: one at a time, and a second one is refused. */

type Beginning = Extract<Input, { type: 'boot' | 'deploy' }>;

export function begin(draft: Draft, { type, release, timeoutMs = null, waitOld = true }: Beginning): void {
  const operation = begun(draft, timeoutMs);
  draft.effects.push({ type: 'begin', operation: operation.id, kind: type });
  if (type === 'boot') emit(draft, 'Bootup');
  draft.state.operation = { type, phase: 'new', failure: null, release, waitOld, ...operation };
  for (let slot = 0; slot < release.workerCount; slot++) emit(draft, 'SpawnNew', spawn(draft, slot, release));
}

export function deploy(draft: Draft, input: Beginning): void {
  const { current, operation } = draft.state;
  if (operation?.type === 'stop') draft.effects.push({ type: 'refuse', kind: 'shutting-down' });
  else if (current === null) draft.effects.push({ type: 'refuse', kind: 'still-booting' });
  else if (operation !== null) draft.effects.push({ type: 'refuse', kind: 'deploy-in-progress' });
  else begin(draft, input);
}

/** A new worker cannot come online any more: the others get a moment, as in 1.x. */
export function fail({ state, now }: Draft, failure: Failure): void {
  const { operation } = state;
  if (operation === null || operation.type === 'stop' || operation.phase !== 'new' || operation.failure) return;
  const deadline = Math.min(operation.deadline ?? Number.POSITIVE_INFINITY, now + settleMs);
  state.operation = { ...operation, failure, deadline };
}

export function abort(draft: Draft): void {
  const { operation } = draft.state;
  if (operation?.type === 'stop') return void draft.effects.push({ type: 'refuse', kind: 'shutting-down' });
  if (operation?.type !== 'deploy') return void draft.effects.push({ type: 'refuse', kind: 'no-deploy-in-progress' });
  draft.effects.push({ type: 'join', operation: operation.id });
  if (operation.phase === 'old') killLeaving(draft);
  else if (operation.phase === 'new') giveUp(draft, { type: 'aborted' });
}

export function giveUp({ state }: Draft, failure: Failure): void {
  const { operation } = state;
  if (operation === null || operation.type === 'stop') return;
  state.operation = { ...operation, phase: 'destroy', failure, deadline: null };
}

export function stop(draft: Draft, timeoutMs: number | null): void {
  const { state, now } = draft;
  const { operation } = state;
  const deadline = timeoutMs === null ? Number.POSITIVE_INFINITY : now + timeoutMs;
  if (operation?.type === 'stop') {
    draft.effects.push({ type: 'join', operation: operation.id });
    if (deadline < (operation.deadline ?? Number.POSITIVE_INFINITY)) state.operation = { ...operation, deadline };
    return;
  }
  if (operation !== null) draft.effects.push({ type: 'end', kind: 'shutting-down' });
  const stopping = begun(draft, timeoutMs);
  draft.effects.push({ type: 'begin', operation: stopping.id, kind: 'stop' });
  state.operation = { type: 'stop', failure: null, ...stopping };
  state.restarts = [];
  // Whom the deploy waited for, the stop waits for.
  for (const worker of state.workers) if (worker.askedIn === operation?.id) worker.askedIn = state.operation.id;
}

export function begun({ state, now }: Draft, timeoutMs: number | null) {
  return { id: state.nextOperation++, startedAt: now, deadline: timeoutMs === null ? null : now + timeoutMs };
}
