import assert from 'node:assert/strict';
import { nextDeadline } from '../../../../src/daemon/supervisor/machine/deadline.ts';
import type { Effect } from '../../../../src/daemon/supervisor/machine/effects.ts';
import { bootHoldMs, loadHoldMs, turnMs } from '../../../../src/daemon/supervisor/machine/limits.ts';
import {
  candidateOf,
  countOf,
  isCandidate,
  rolloutOf,
  type State,
  type Worker,
  waitingForOf,
} from '../../../../src/daemon/supervisor/machine/state.ts';
import { wants } from '../../../../src/daemon/supervisor/machine/strategy/fill.ts';

/** What must hold after each step. Plain assertions: this runs some hundred thousand times. */
export function check(before: State, after: State, effects: Effect[], now: number): void {
  countsWhatThereIs(after, effects);
  takesOverWhenAllAreOnline(before, after);
  keepsTheFormerRelease(before, after, effects);
  bootsFewAtOnce(after, now);
  tellsInTurn(after, now);
  fillsEverySlot(after);
  runsKnownReleases(after);
  replacesOneIllAtATime(after);
  letsNobodyLiveForEver(after, effects);
}

function countsWhatThereIs(after: State, effects: Effect[]): void {
  for (const effect of effects) if (effect.type === 'emit') for (const n of Object.values(effect.count)) assert(n >= 0);
  // What is waited for and what is in progress say the same.
  const waitingFor = waitingForOf(after);
  assert.equal(waitingFor === null, after.operation === null && !after.over);
  if (waitingFor === null) assert.equal(countOf(after).new_online, 0);
}

export const serves = ({ state }: Pick<Worker, 'state'>) => state === 'online' || state === 'new_online';

/** Whole, until every new worker is online. Who takes away alone is done with it at once. */
function takesOverWhenAllAreOnline(before: State, after: State): void {
  const { current } = after;
  if (current === before.current) return;
  const committed = rolloutOf(before) ?? rolloutOf(after);
  assert.equal(committed?.release ?? current?.number, committed ? current : before.current?.number);
  for (const slot of committed?.slots ?? []) {
    assert(after.workers.some((worker) => worker.slot === slot && worker.wave === committed?.id && serves(worker)));
  }
}

function keepsTheFormerRelease(before: State, after: State, effects: Effect[]): void {
  const { current } = after;
  // A deploy that fails leaves nothing of its own, and misses nothing of the former one.
  if (effects.some((effect) => effect.type === 'end' && effect.kind !== undefined)) {
    assert.equal(current, before.current);
    if (after.operation === null) assert(after.workers.every(({ state, wave }) => !alive(state) || wave <= after.wave));
  }
  const rollout = rolloutOf(after) ?? rolloutOf(before);
  for (const effect of effects) {
    if (effect.type !== 'emit' || effect.event !== 'ShutdownOld' || effect.waitingFor !== 'old') continue;
    if (!rollout || rollout.strategy.surge !== Number.POSITIVE_INFINITY) continue;
    assert.equal(candidateOf(after), null);
    assert.equal(effect.count.new_online, rollout.slots.length);
  }
}

function bootsFewAtOnce(after: State, now: number): void {
  for (const candidates of [true, false]) {
    const boots = after.workers.filter(
      (worker) =>
        worker.state === 'booting' && worker.bornAt + bootHoldMs > now && isCandidate(after, worker) === candidates,
    );
    assert(boots.length <= after.settings.bootParallel);
    const release = candidates ? candidateOf(after) : after.current;
    if ((release?.workerCount ?? 0) <= after.settings.bootParallel) continue;
    const loading = boots.filter((worker) => worker.bornAt + loadHoldMs > now && !worker.rests && !worker.listening);
    assert(loading.length <= after.settings.loadParallel);
  }
}

/** Whoever is to leave is told, unless as many as there are CPUs have been told just now. */
function tellsInTurn(after: State, now: number): void {
  const told = after.workers.filter(({ leaving }) => leaving?.toldAt != null && leaving.toldAt + turnMs > now);
  if (after.workers.some(({ leaving }) => leaving?.next)) assert(told.length >= after.settings.leaveParallel);
}

function fillsEverySlot(after: State): void {
  const { workers, current } = after;
  // One worker serves a slot, at most one more boots for it in a deploy; nobody is in two states.
  const serving = workers.filter(
    (worker) => worker.state === 'online' || (worker.state === 'booting' && !isCandidate(after, worker)),
  );
  assert.equal(new Set(serving.map(({ slot }) => slot)).size, serving.length);
  assert.equal(new Set(workers.map(({ id }) => id)).size, workers.length);
  if (!current || waitingForOf(after) === 'shutdown' || after.over) return;
  // Every slot of the current release has a worker, or a time at which it gets one.
  for (let slot = 0; slot < current.workerCount; slot++) {
    const filled = workers.some(
      (worker) => worker.slot === slot && worker.release.number === current.number && alive(worker.state),
    );
    assert(filled || after.restarts.some((restart) => restart.slot === slot) || isReplaced(after, slot));
  }
}

/** Its new worker serves, or the former one comes back. */
function isReplaced(after: State, slot: number): boolean {
  const rollout = rolloutOf(after);
  if (!rollout?.replaced.includes(slot)) return false;
  const isNew = (worker: Worker) => worker.slot === slot && worker.wave === rollout.id && alive(worker.state);
  return after.workers.some(isNew) || wants(after).some((want) => want.slot === slot);
}

/** The current one, the candidate, or it is on its way out. */
function runsKnownReleases(after: State): void {
  if (waitingForOf(after) === 'shutdown') return;
  const known = [after.current?.number, candidateOf(after)?.number];
  for (const { state, release } of after.workers) assert(!alive(state) || known.includes(release.number));
}

/** And it goes on serving until its replacement does. */
function replacesOneIllAtATime({ workers }: State): void {
  const waiting = workers.filter(
    ({ state, health, leaving }) => state === 'dying' && health?.isWell && health.told && !leaving,
  );
  assert(waiting.length <= 1);
}

/**
 * A destroyed worker, one that was sent a signal, and one that was asked to leave has its next deadline in the state; but the
 * application may say that it takes its time.
 */
function letsNobodyLiveForEver(after: State, effects: Effect[]): void {
  for (const { state, leaving, kill } of after.workers) {
    if (state === 'destroyed' || (leaving && leaving.by !== 'app')) assert(kill && Number.isFinite(kill.at));
    if (leaving && !leaving.shutdownSent && kill?.signal === 'SIGTERM') assert.equal(kill.at, leaving.deadline);
  }
  for (const effect of effects) {
    if (effect.type !== 'kill') continue;
    const worker = after.workers.find(({ id }) => id === effect.worker);
    if (worker) assert.notEqual(worker.kill, null);
  }
  const deadline = nextDeadline(after);
  if (deadline !== null) assert(Number.isFinite(deadline));
}

const alive = (state: string) => state === 'booting' || state === 'online' || state === 'new_online';
