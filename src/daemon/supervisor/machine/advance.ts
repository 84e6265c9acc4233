import { bootsFreeAt } from './boots.ts';
import { type Draft, emit, inState, spawn } from './draft.ts';
import { replaceUnhealthy } from './health.ts';
import { kill } from './leave.ts';
import { killGraceMs } from './limits.ts';
import { begun } from './operation.ts';
import { admit, admitHealthy } from './ready.ts';
import type { Failure } from './state.ts';
import { cull } from './strategy/cull.ts';
import { decide } from './strategy/decide.ts';
import { fill, wants } from './strategy/fill.ts';
import { isUndone } from './strategy/undo.ts';
import { giveTurns, isUntold } from './turns.ts';
import { watchLeaving } from './waiting.ts';

/** Brings the state to where it wants to be, whatever has happened: called once after every input, and a second call changes nothing. */
export function advance(draft: Draft): void {
  admit(draft);
  admitHealthy(draft);
  replaceUnhealthy(draft);
  decide(draft);
  cull(draft);
  giveTurns(draft);
  fill(draft);
  restart(draft);
  finish(draft);
  watchLeaving(draft);
}

/** Slots whose pause after a crash is over. */
function restart(draft: Draft): void {
  const { state, now } = draft;
  for (const due of state.restarts.filter(({ at }) => at <= now)) {
    if (state.current === null || bootsFreeAt(state, false) > now) return;
    state.restarts = state.restarts.filter((waiting) => waiting !== due);
    emit(draft, 'SpawnNew', spawn(draft, due.slot, state.current));
  }
}

/** The operation is over when those have left for whom it waits. */
function finish(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation === null) return;
  const asked = state.workers.filter(({ askedIn }) => askedIn === operation.id);
  const waits = asked.length > 0;
  if (operation.type === 'stop') {
    if (!waits) finishStop(draft, operation.failure);
  } else if (operation.phase === 'old') {
    if (!waits || (!operation.waitOld && !asked.some(isUntold))) complete(draft);
  } else if (operation.phase === 'undo' && isUndone(state, operation) && wants(state).length === 0) {
    if (operation.type === 'deploy') return restored(draft, operation.failure);
    // A boot that failed ends the daemon.
    state.operation = { type: 'stop', failure: operation.failure, ...begun(draft, null) };
    finish(draft);
  }
}

function complete(draft: Draft): void {
  for (const worker of inState(draft, 'new_online')) worker.state = 'online';
  draft.state.operation = null;
  emit(draft, 'Ready');
  draft.effects.push({ type: 'end' });
}

/** The former release is current as it was: nothing of the candidate is left. */
function restored(draft: Draft, failure: Failure): void {
  draft.state.operation = null;
  const aborted = failure.type === 'aborted';
  emit(draft, aborted ? 'Ready' : 'DeployFailed');
  draft.effects.push({ type: 'end', kind: aborted ? 'deploy-aborted' : 'deploy-failed', failure });
}

/**
 * When those that the stop asked have left, 1.x ended, whatever workers were still leaving from earlier. Here those with a
 * deadline of their own are waited for; the others would be waited for for ever, and are killed.
 */
function finishStop(draft: Draft, failure: Failure | null): void {
  const { state } = draft;
  for (const worker of state.workers) if (worker.kill === null) kill(draft, worker, 'SIGTERM', killGraceMs);
  if (state.workers.length > 0) return;
  state.over = true;
  state.operation = null;
  emit(draft, 'Shutdown');
  draft.effects.push({ type: 'end', ...(failure && { kind: 'boot-failed', failure }) });
  draft.effects.push({ type: 'exit', code: failure ? 1 : 0 });
}
