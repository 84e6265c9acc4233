import { lookText } from '../look.ts';
import { type Draft, emit } from './draft.ts';
import type { BadAnswer, Health, Look } from './health-check.ts';
import type { Probed } from './inputs.ts';
import { isReplaced } from './leave.ts';
import { blockedMs, failuresInARow, healthRetryMs, unhealthyMs } from './limits.ts';
import { fail } from './operation.ts';
import { offline } from './restart.ts';
import { isAsked, isCandidate, type Worker } from './state.ts';

/** How healthy workers are: each is asked before it counts as online, and from time to time after that. */

const blocked = 'no answer: its event loop is blocked';

/** It is ready by its contract: from now on it is asked until it answers well. */
export function expectHealth(draft: Draft, worker: Worker): void {
  if (worker.health || !worker.release.health) return;
  worker.health = {
    since: draft.now,
    pending: null,
    nextAt: draft.now,
    failures: 0,
    seen: null,
    isWell: false,
    told: false,
  };
  lookAfter(draft, worker);
}

/** Asks it when its time has come, and waits no longer for an answer that is overdue. */
export function lookAfter(draft: Draft, worker: Worker): void {
  const { health, release } = worker;
  if (!health || !release.health || !isAsked(worker)) return;
  const { path, timeoutMs } = release.health;
  if (health.pending) {
    if (health.pending.by <= draft.now) failed(draft, worker, { error: blocked });
  } else if (health.nextAt !== null && health.nextAt <= draft.now) {
    const probe = draft.state.nextProbe++;
    worker.health = { ...health, nextAt: null, pending: { probe, by: draft.now + timeoutMs + blockedMs } };
    draft.effects.push({ type: 'probe', worker: worker.id, probe, path, timeoutMs });
  }
}

/** Its own server has answered, or has not. What comes too late says nothing. */
export function probed(draft: Draft, worker: Worker, { probe, status, body, error }: Probed): void {
  const { health } = worker;
  if (health?.pending?.probe !== probe || !isAsked(worker)) return;
  if (status === undefined || status < 200 || status > 299) {
    const seen = {
      ...(status === undefined ? {} : { status }),
      ...(body ? { body } : {}),
      ...(error ? { error } : {}),
    };
    return failed(draft, worker, seen);
  }
  const nextAt = nextOf(draft, worker);
  worker.health = { ...health, pending: null, nextAt, failures: 0, seen: null, isWell: true, told: false };
}

function failed(draft: Draft, worker: Worker, seen: BadAnswer): void {
  const { health } = worker;
  if (!health) return;
  const nextAt = health.isWell ? nextOf(draft, worker) : draft.now + healthRetryMs;
  // A boot may take its time to be healthy, and a deploy without a timeout waits for ever.
  const tells = !health.isWell && !health.told && draft.now - health.since >= unhealthyMs;
  const told = health.told || tells;
  worker.health = { ...health, pending: null, nextAt, seen, failures: health.failures + 1, told };
  if (tells) emit(draft, 'Status', worker, { note: `it is not healthy yet: ${lookText(lookOf(worker))}` });
}

function nextOf({ now }: Draft, { release }: Worker): number | null {
  const everyMs = release.health?.everyMs ?? null;
  return everyMs === null ? null : now + everyMs;
}

/**
 * One that is found unhealthy is replaced as one that said 'offline'; one after the other, the next when the replacement of the last one
 * serves. One that recovers meanwhile stays. A deploy whose own worker it is has failed.
 */
export function replaceUnhealthy(draft: Draft): void {
  const { state } = draft;
  if (state.operation?.type === 'stop') return;
  for (const worker of state.workers) {
    const { health, release } = worker;
    if (!health?.isWell || health.told || !isIll(health) || !isAsked(worker)) continue;
    const wasCandidate = isCandidate(state, worker);
    if (!wasCandidate && (release.number !== state.current?.number || isReplacing(draft))) continue;
    worker.health = { ...health, told: true };
    const look = lookOf(worker);
    emit(draft, 'Unhealthy', worker, { note: lookText(look) });
    if (wasCandidate) fail(draft, { type: 'unhealthy', worker: worker.id, slot: worker.slot, look });
    else offline(draft, worker);
  }
}

/** One whose event loop stands still gets no second chance. */
function isIll({ failures, seen }: Health): boolean {
  return failures >= failuresInARow || seen?.error === blocked;
}

/** The replacement of an unhealthy one does not serve yet. */
function isReplacing({ state }: Draft): boolean {
  const wasIll = ({ state, health }: Worker) => state === 'dying' && health?.isWell && health.told;
  return state.workers.some((worker) => wasIll(worker) && !isReplaced(state, worker));
}

/** What its last answers were. */
export function lookOf({ release, health }: Worker): Look {
  return { path: release.health?.path ?? '', failures: health?.failures ?? 0, ...health?.seen };
}
