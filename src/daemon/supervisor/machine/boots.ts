import { bootHoldMs } from './limits.ts';
import { isCandidate, type State } from './state.ts';

/**
 * How many workers boot at once: a deploy of very many would take the CPUs of those that serve. The new workers of a deploy and those
 * of the current release are bounded each for themselves: neither a deploy that hangs nor a release that does not boot can hold up the other.
 */

/** When one more may boot, if none of those that boot comes online or dies; -Infinity: at any time. */
export function bootsFreeAt(state: State, candidates: boolean): number {
  const { bootParallel } = state.settings;
  const until = state.workers
    .filter((worker) => worker.state === 'booting' && isCandidate(state, worker) === candidates)
    .map(({ bornAt }) => bornAt + bootHoldMs)
    .sort((a, b) => a - b);
  return until[until.length - bootParallel] ?? Number.NEGATIVE_INFINITY;
}
