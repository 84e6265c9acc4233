import { bootsFreeAt } from './boots.ts';
import { isAsked, type State } from './state.ts';
import { wantsNext } from './strategy/fill.ts';
import { turnFreeAt } from './turns.ts';

/**
 * When the machine wants its next tick, on the clock of its inputs; null: only something that happens can change it. Asked after every
 * input, of very many workers, too: without a list in between.
 */
export function nextDeadline(state: State): number | null {
  let first = Number.POSITIVE_INFINITY;
  const consider = (at: number | null | undefined) => {
    if (at != null && at < first) first = at;
  };
  const { operation, restarts, waiting, workers } = state;
  consider(operation?.deadline);
  if (operation?.type === 'deploy' && operation.phase === 'bake') consider(operation.bake.until);
  consider(wantsNext(state));
  consider(turnFreeAt(state));
  if (restarts.length > 0) {
    const from = bootsFreeAt(state, false);
    for (const { at } of restarts) consider(Math.max(at, from));
  }
  consider(waiting?.at);
  for (const worker of workers) {
    consider(worker.kill?.at);
    consider(worker.lostBy);
    consider(worker.silentAt);
    if (worker.health === null || !isAsked(worker)) continue;
    consider(worker.health.nextAt);
    consider(worker.health.pending?.by);
  }
  return first === Number.POSITIVE_INFINITY ? null : first;
}
