import { type Draft, inState } from '../draft.ts';
import { ask, isReplaced, leave } from '../leave.ts';
import { isCandidate, type Operation, type Rollout } from '../state.ts';
import { affects, goesBySlots } from './steps.ts';
import { undo } from './undo.ts';

/** Who has to leave goes: old workers as the strategy allows, the new ones of a release that is given up, all of them in a stop. */
export function cull(draft: Draft): void {
  const { state } = draft;
  const { operation } = state;
  if (operation?.type === 'stop') {
    for (const worker of inState(draft, 'booting', 'online', 'new_online')) ask(draft, worker, operation.id);
  } else if (operation?.phase === 'undo') undo(draft, operation);
  else if (operation?.phase === 'old') askOld(draft, operation);
  else if (operation && goesBySlots(operation)) replace(draft, operation);
  for (const worker of inState(draft, 'dying')) if (isReplaced(state, worker)) leave(draft, worker);
}

function askOld(draft: Draft, rollout: Rollout): void {
  for (const worker of inState(draft, 'online', 'booting')) {
    if (worker.wave !== rollout.id && affects(rollout, worker.slot)) ask(draft, worker, rollout.id);
  }
}

/** Slot by slot: where the new worker is online, the old one goes, and none is started again. */
function replace(draft: Draft, rollout: Rollout & Operation): void {
  const { state } = draft;
  const online = inState(draft, 'new_online').filter((worker) => isCandidate(state, worker));
  const served = new Set(online.map(({ slot }) => slot));
  const old = inState(draft, 'online', 'booting').filter(({ wave, slot }) => wave !== rollout.id && served.has(slot));
  const waiting = state.restarts.filter(({ slot }) => served.has(slot));
  if (old.length + waiting.length === 0) return;
  const replaced = new Set([...rollout.replaced, ...[...old, ...waiting].map(({ slot }) => slot)]);
  state.operation = { ...rollout, replaced: [...replaced] };
  state.restarts = state.restarts.filter(({ slot }) => !served.has(slot));
  for (const worker of old) ask(draft, worker, rollout.id);
}
