import { type Draft, emit, inState, spawn } from './draft.ts';
import { ask, destroy, isReplaced, kill, leave } from './leave.ts';
import { killGraceMs } from './limits.ts';
import { begun, giveUp } from './operation.ts';
import { admit } from './ready.ts';
import { type Failure, isCandidate } from './state.ts';
import { watchLeaving } from './waiting.ts';

/** Brings the state to where it wants to be, whatever has happened: called once after every input, and a second call changes nothing. */
export function advance(draft: Draft): void {
  admit(draft);
  decide(draft);
  cull(draft);
  restart(draft);
  finish(draft);
  watchLeaving(draft);
}

/** Nothing happens before each new worker is online or lost. Then comes the point of no return, or nothing has changed. */
function decide(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation === null || operation.type === 'stop' || operation.phase !== 'new') return;
  if (state.workers.some((worker) => worker.state === 'booting' && isCandidate(state, worker))) return;
  if (operation.failure) return giveUp(draft, operation.failure);
  state.operation = { ...operation, phase: 'old' };
  state.current = operation.release;
  state.restarts = [];
  state.crashes = {};
}

/** Who has to leave goes: the old workers of a release that serves, the new ones of one that is given up, all of them in a stop. */
function cull(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation?.type === 'stop') {
    for (const worker of inState(draft, 'booting', 'online', 'new_online')) ask(draft, worker, operation.id);
  } else if (operation?.phase === 'old') {
    for (const worker of inState(draft, 'online', 'booting')) {
      if (worker.release !== operation.release) ask(draft, worker, operation.id);
    }
  } else if (operation?.phase === 'destroy') {
    const candidates = inState(draft, 'new_online', 'booting').filter((worker) => isCandidate(state, worker));
    for (const worker of candidates) destroy(draft, worker);
  }
  for (const worker of inState(draft, 'dying')) if (isReplaced(state, worker)) leave(draft, worker);
}

/** Slots whose pause after a crash is over. */
function restart(draft: Draft): void {
  const { state, now } = draft;
  const { current } = state;
  const due = state.restarts.filter(({ at }) => at <= now);
  if (current === null || due.length === 0) return;
  state.restarts = state.restarts.filter(({ at }) => at > now);
  for (const { slot } of due) emit(draft, 'SpawnNew', spawn(draft, slot, current));
}

/** The operation is over when those have left for whom it waits. */
function finish(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation === null) return;
  const waits = state.workers.some(({ askedIn }) => askedIn === operation.id);
  if (operation.type === 'stop') {
    if (!waits) finishStop(draft, operation.failure);
  } else if (operation.phase === 'old') {
    if (!waits || !operation.waitOld) complete(draft);
  } else if (operation.phase === 'destroy' && inState(draft, 'destroyed').length === 0) {
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
