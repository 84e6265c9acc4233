import { bootHoldMs, loadHoldMs } from './limits.ts';
import { freeAt } from './places.ts';
import { candidateOf, isCandidate, type Release, type Settings, type State, type Worker } from './state.ts';

/**
 * How many workers boot at once: a deploy of very many would take the CPUs of those that serve. The new workers of a deploy and those
 * of the current release are bounded each for themselves: neither a deploy that hangs nor a release that does not boot can hold up the other.
 */

/** When one more may boot, if none of those that boot comes online or dies; -Infinity: at any time. */
export function bootsFreeAt(state: State, candidates: boolean): number {
  const { bootParallel, loadParallel } = state.settings;
  const boot = state.workers.filter(
    (worker) => worker.state === 'booting' && isCandidate(state, worker) === candidates,
  );
  const free = freeAt(heldFor(boot, bootHoldMs), bootParallel);
  const release = candidates ? candidateOf(state) : state.current;
  if (release === null || !loadsInTurn(state.settings, release)) return free;
  return Math.max(free, freeAt(heldFor(boot.filter(isLoading), loadHoldMs), loadParallel));
}

/**
 * More boot than may do so at once: then those that use the CPU are as many as there are CPUs. It takes no longer, and whoever is woken
 * for a connection does not wait for the time slices of the rest (measured with 64 workers on 2 CPUs: 50 ms at p99, and not 2 s).
 */
export function loadsInTurn({ bootParallel, loadParallel }: Settings, { workerCount }: Release): boolean {
  return Number.isFinite(loadParallel) && workerCount > bootParallel;
}

function isLoading({ listening, rests }: Worker): boolean {
  return !listening && !rests;
}

function heldFor(workers: readonly Worker[], holdMs: number): number[] {
  return workers.map(({ bornAt }) => bornAt + holdMs);
}
