import { resolve } from 'node:path';
import { type Draft, emit, inState } from './draft.ts';
import { expectHealth } from './health.ts';
import type { Served } from './inputs.ts';
import { silentMs } from './limits.ts';
import { isCandidate, rolloutOf, type Worker } from './state.ts';

/** When a worker counts as online. */

const onlyServes = 'listening:';

/** A server of the worker listens. at: where; unknown when only the supervisor has seen it. */
export function listens({ state, now }: Draft, worker: Worker, at?: Served): void {
  if (worker.state === 'booting' && !worker.listening) worker.silentAt = now + silentMs;
  worker.listening = true;
  const { onlineOn } = state.settings;
  if (at && (!onlineOn.startsWith(onlyServes) || isAt(worker, at, onlineOn.slice(onlyServes.length)))) {
    worker.serving = true;
  }
}

function isAt({ release }: Worker, at: Served, wanted: string): boolean {
  if ('port' in at) return String(at.port) === wanted;
  const { cwd } = release.resolved;
  return resolve(cwd, String(at.path)) === resolve(cwd, wanted);
}

/** Those come online whose listening is enough. */
export function admit(draft: Draft): void {
  const { onlineOn } = draft.state.settings;
  if (onlineOn === 'message' || (onlineOn === 'auto' && draft.state.contract !== 'silent')) return;
  for (const worker of inState(draft, 'booting')) if (worker.serving) ready(draft, worker);
}

/** Those come online that have answered well. */
export function admitHealthy(draft: Draft): void {
  for (const worker of inState(draft, 'booting')) if (worker.health?.isWell) comeOnline(draft, worker);
}

/** The word binds: from now on all workers of this daemon are waited for until they say it. */
export function sayOnline(draft: Draft, worker: Worker): void {
  draft.state.contract = 'strict';
  if (worker.state === 'booting') ready(draft, worker);
}

function ready(draft: Draft, worker: Worker): void {
  if (worker.release.health) expectHealth(draft, worker);
  else comeOnline(draft, worker);
}

function comeOnline(draft: Draft, worker: Worker): void {
  const { state, now } = draft;
  if (isCandidate(state, worker)) {
    worker.state = 'new_online';
    return emit(draft, 'NewOnline', worker);
  }
  worker.state = rolloutOf(state)?.phase === 'old' ? 'new_online' : 'online';
  emit(draft, 'WorkerOnline', worker);
  const waits = inState(draft, 'booting').length > 0 || state.restarts.some(({ at }) => at <= now);
  if (state.operation === null && !waits) emit(draft, 'Ready');
}

/** It has listened for a while without a word: every newcomer's first hang, or an application that never says it. */
export function remind(draft: Draft, worker: Worker): void {
  const { state } = draft;
  worker.silentAt = null;
  if (worker.state !== 'booting' || worker.health) return;
  const { onlineOn } = state.settings;
  const learns = onlineOn === 'auto' && state.contract === 'unknown' && worker.serving;
  if (learns) state.contract = 'silent';
  emit(draft, 'Status', worker, { note: learns ? learned : hintOf(onlineOn) });
}

const learned =
  "it listens, but has not said 'online' for 5 s: from now on workers are online as soon as they listen, until one says it; " +
  'start with --online-on message to wait for the word';

function hintOf(onlineOn: string): string {
  return onlineOn.startsWith(onlyServes)
    ? `it listens, but not yet at ${onlineOn.slice(onlyServes.length)}, for which --online-on waits`
    : "it listens, but has not said 'online': call process.send('online') when it serves, or start with --online-on listening";
}
