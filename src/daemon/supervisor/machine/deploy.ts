import { destroyNew } from './destroy.ts';
import { type Draft, emit, inState, spawn, tell } from './draft.ts';
import { destroyOld, shutdownOld } from './leave.ts';
import { settleMs } from './limits.ts';
import type { Failure, Release } from './state.ts';

/** The rules of a boot and a deploy: new workers first, old ones leave only when every new one is online. */

interface Beginning {
  release: Release;
  timeoutMs?: number | null;
  waitOld?: boolean;
}

export function begin(draft: Draft, kind: 'boot' | 'deploy', beginning: Beginning): void {
  const { release, timeoutMs = null, waitOld = true } = beginning;
  const { state } = draft;
  draft.effects.push({ do: 'begin', kind });
  if (kind === 'boot') emit(draft, 'Bootup');
  state.operation = {
    kind,
    startedAt: draft.now,
    deadline: timeoutMs === null ? null : draft.now + timeoutMs,
    waitOld,
    failure: null,
    destroying: false,
  };
  state.candidate = release;
  state.waitingFor = 'new';
  for (let slot = 0; slot < release.workerCount; slot++) emit(draft, 'SpawnNew', spawn(draft, slot, release, true));
}

/** A new worker cannot come online any more. */
export function fail(draft: Draft, failure: Failure): void {
  const { operation } = draft.state;
  if (operation === null || operation.failure !== null) return settle(draft);
  operation.failure = failure;
  operation.deadline = Math.min(operation.deadline ?? Number.POSITIVE_INFINITY, draft.now + settleMs);
  settle(draft);
}

/** Called whenever a new worker came online or was lost: nothing happens before all of them have done one or the other. */
export function settle(draft: Draft): void {
  const { state } = draft;
  if (state.waitingFor !== 'new' || state.operation?.destroying !== false) return;
  const fresh = state.workers.filter((worker) => worker.fresh);
  if (fresh.some((worker) => worker.state === 'booting')) return;
  const online = fresh.filter((worker) => worker.state === 'new_online').length;
  if (state.operation.failure === null && online === state.candidate?.workerCount) commit(draft);
  else destroyNew(draft);
}

/** The point of no return: the candidate is the current release, and the old workers are asked to leave. */
function commit(draft: Draft): void {
  const { state } = draft;
  state.current = state.candidate;
  state.candidate = null;
  state.waitingFor = 'old';
  state.restarts = [];
  state.crashes = {};
  const old = [...inState(draft, 'online'), ...inState(draft, 'booting')];
  for (const worker of state.workers) worker.fresh = false;
  for (const worker of old) shutdownOld(draft, worker, state.operation?.waitOld);
  for (const worker of inState(draft, 'dying')) tell(draft, worker);
  finishOld(draft);
}

export function finishOld(draft: Draft): void {
  const { state } = draft;
  if (state.waitingFor !== 'old' || state.workers.some((worker) => worker.awaited)) return;
  for (const worker of inState(draft, 'new_online')) worker.state = 'online';
  state.waitingFor = null;
  state.operation = null;
  emit(draft, 'Ready');
  draft.effects.push({ do: 'end' });
}

export function abort(draft: Draft): void {
  const { waitingFor, operation } = draft.state;
  if (waitingFor === 'shutdown') return void draft.effects.push({ do: 'refuse', kind: 'shutting-down' });
  if (operation?.kind !== 'deploy') return void draft.effects.push({ do: 'refuse', kind: 'no-deploy-in-progress' });
  draft.effects.push({ do: 'join' });
  if (waitingFor === 'old') return destroyOld(draft);
  if (operation.destroying) return;
  operation.failure = { how: 'aborted' };
  destroyNew(draft);
}

/** The time that the operation was given is over. */
export function expire(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation?.deadline == null || operation.deadline > draft.now) return;
  operation.deadline = null;
  if (state.waitingFor === 'new' && operation.failure !== null) return destroyNew(draft);
  emit(draft, 'Timeout');
  if (state.waitingFor !== 'new') return destroyOld(draft);
  const silent = state.workers.find((worker) => worker.fresh && worker.state === 'booting');
  operation.failure = silent
    ? { how: 'silent', worker: silent.id, slot: silent.slot, afterMs: draft.now - operation.startedAt }
    : { how: 'aborted' };
  destroyNew(draft);
}
