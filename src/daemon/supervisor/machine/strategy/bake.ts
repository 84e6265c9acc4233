import { countText } from '../../../../protocol/counts.ts';
import { type Draft, emit } from '../draft.ts';
import type { Baking, Rollout, State, Worker } from '../state.ts';
import { slotsNow } from './steps.ts';
import type { Answers, Bake, Seen } from './strategy.ts';
import { giveUp } from './undo.ts';

/** The new release serves, and is watched: there is a way back until that is over. */

/** Fewer answers than these say nothing of a release. */
const fewestAnswers = 20;

export function watch(draft: Draft, rollout: Rollout): void {
  const { state, now } = draft;
  const { bakeMs } = rollout.strategy;
  const before = Object.fromEntries(state.workers.map(({ id, answers }) => [id, answers]));
  state.operation = { ...rollout, phase: 'bake', bake: { since: now, until: now + bakeMs, before } };
  const watched = slotsNow(rollout).length;
  const who = `${countText(watched, 'new worker')} of ${rollout.slots.length}`;
  emit(draft, 'Bake', undefined, { note: `${who} watched for ${bakeMs / 1000} s; naught promote ends that at once` });
}

/** It ends badly by too many 5xx answers, and well by its time. */
export function judge(draft: Draft, baking: Baking): void {
  const seen = seenIn(draft.state, baking);
  if (isWorse(seen)) giveUp(draft, { type: 'errors', ...seen });
  else if (draft.now >= baking.bake.until) endWell(draft, baking, seen);
}

/** Somebody has seen enough. */
export function promote(draft: Draft, baking: Baking): void {
  endWell(draft, baking, seenIn(draft.state, baking));
}

function endWell(draft: Draft, baking: Baking, { now: { total, errors } }: Seen): void {
  draft.state.operation = { ...baking, phase: 'new', failure: null, baked: true };
  const after = ((draft.now - baking.bake.since) / 1000).toFixed(1);
  emit(draft, 'Promote', undefined, { note: `after ${after} s, ${total} answers, ${errors} of them 5xx` });
}

function isWorse({ now, former, maxErrors }: Seen): boolean {
  return now.total >= fewestAnswers && shareOf(now) > maxErrors && shareOf(former) < shareOf(now);
}

function shareOf({ total, errors }: Answers): number {
  return total === 0 ? 0 : errors / total;
}

/** A former release that serves no more, or hardly, is judged by all that its workers have answered. */
function seenIn({ workers }: State, { id, release, strategy, bake, gone }: Baking): Seen {
  const former = workers.filter(({ wave }) => wave !== id);
  const beside = sum(former.map((worker) => since(bake, worker)));
  return {
    release: release.number,
    now: sum(workers.filter(({ wave }) => wave === id).map((worker) => since(bake, worker))),
    former: beside.total < fewestAnswers ? sum([gone, ...former.map(({ answers }) => answers)]) : beside,
    maxErrors: strategy.maxErrors,
  };
}

function since({ before }: Bake, { id, answers }: Worker): Answers {
  const { total, errors } = before[id] ?? { total: 0, errors: 0 };
  return { total: answers.total - total, errors: answers.errors - errors };
}

export function sum(all: Answers[]): Answers {
  return all.reduce((a, b) => ({ total: a.total + b.total, errors: a.errors + b.errors }), { total: 0, errors: 0 });
}
