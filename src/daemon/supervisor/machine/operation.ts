import { type Draft, emit } from './draft.ts';
import type { Beginning } from './inputs.ts';
import { killLeaving } from './leave.ts';
import { settleMs } from './limits.ts';
import { type Failure, rolloutOf, type State } from './state.ts';
import * as bake from './strategy/bake.ts';
import { allAtOnce, isPlain } from './strategy/strategy.ts';
import { force, giveUp } from './strategy/undo.ts';

/** How operations begin, and what can be said to them while they are in progress: one at a time, and a second one is refused. */

/** Its workers are started by `fill`. */
export function begin(draft: Draft, beginning: Beginning): void {
  const { type, timeoutMs = null, waitOld = true, strategy = allAtOnce } = beginning;
  const release = { ...beginning.release, health: strategy.health ?? null };
  const operation = begun(draft, timeoutMs);
  draft.effects.push({ type: 'begin', operation: operation.id, kind: type });
  if (type === 'boot') emit(draft, 'Bootup');
  draft.state.operation = {
    type,
    phase: 'new',
    failure: null,
    release,
    waitOld,
    timeoutMs,
    strategy,
    slots: slotsOf(draft.state, beginning),
    count: Math.max(release.workerCount, draft.state.current?.workerCount ?? 0),
    replaced: [],
    baked: false,
    gone: { total: 0, errors: 0 },
    ...operation,
  };
}

/**
 * Where fewer workers are to stay, one of them may be booting, and the others may be the only ones that serve: then its slot is waited
 * for as well.
 */
function slotsOf({ current, workers }: State, { release: { workerCount }, slots }: Beginning): readonly number[] {
  const all = Array.from({ length: workerCount }, (_, slot) => slot);
  if (slots === undefined) return all;
  const shrinks = workerCount < (current?.workerCount ?? 0);
  const isServed = (slot: number) => workers.some((worker) => worker.slot === slot && worker.state === 'online');
  return all.filter((slot) => slots.includes(slot) || (shrinks && !isServed(slot)));
}

export function deploy(draft: Draft, input: Beginning): void {
  const { current, operation } = draft.state;
  if (operation?.type === 'stop') draft.effects.push({ type: 'refuse', kind: 'shutting-down' });
  else if (current === null) draft.effects.push({ type: 'refuse', kind: 'still-booting' });
  else if (operation !== null) draft.effects.push({ type: 'refuse', kind: 'deploy-in-progress' });
  else if (input.slots?.length && slotsOf(draft.state, input).length === 0)
    draft.effects.push({ type: 'refuse', kind: 'invalid-params' });
  else begin(draft, input);
}

/**
 * A new worker cannot come online any more, or serves no more. In a deploy as in 1.x, whose old workers are all there, the others get a
 * moment.
 */
export function fail(draft: Draft, failure: Failure): void {
  const { state, now } = draft;
  const rollout = rolloutOf(state);
  if (rollout?.phase === 'bake') giveUp(draft, withTime(failure, now - rollout.bake.since));
  else if (rollout?.phase !== 'new' || rollout.failure) return;
  else if (!isPlain(rollout.strategy)) giveUp(draft, failure);
  else {
    const deadline = Math.min(rollout.deadline ?? Number.POSITIVE_INFINITY, now + settleMs);
    state.operation = { ...rollout, failure, deadline };
  }
}

function withTime(failure: Failure, bakingMs: number): Failure {
  return failure.type === 'died' || failure.type === 'offline' ? { ...failure, bakingMs } : failure;
}

export function abort(draft: Draft): void {
  const { operation } = draft.state;
  if (operation?.type === 'stop') return void draft.effects.push({ type: 'refuse', kind: 'shutting-down' });
  if (operation?.type !== 'deploy') return void draft.effects.push({ type: 'refuse', kind: 'no-deploy-in-progress' });
  draft.effects.push({ type: 'join', operation: operation.id });
  if (operation.phase === 'old') killLeaving(draft);
  else if (operation.phase !== 'undo') giveUp(draft, { type: 'aborted' });
  else if (!isPlain(operation.strategy)) force(draft, operation);
}

export function promote(draft: Draft): void {
  const { operation } = draft.state;
  if (operation?.type === 'stop') return void draft.effects.push({ type: 'refuse', kind: 'shutting-down' });
  if (operation?.phase !== 'bake') return void draft.effects.push({ type: 'refuse', kind: 'no-bake-in-progress' });
  draft.effects.push({ type: 'join', operation: operation.id });
  bake.promote(draft, operation);
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
