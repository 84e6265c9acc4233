import { bootsFreeAt } from './boots.ts';
import { isAsked, type State } from './state.ts';
import { wantsNext } from './strategy/fill.ts';

/** When the machine wants its next tick, on the clock of its inputs; null: only something that happens can change it. */
export function nextDeadline(state: State): number | null {
  const { operation, restarts, waiting, workers } = state;
  const restartsFrom = bootsFreeAt(state, false);
  const deadlines = [
    operation?.deadline ?? null,
    operation?.type === 'deploy' && operation.phase === 'bake' ? operation.bake.until : null,
    wantsNext(state),
    ...restarts.map(({ at }) => Math.max(at, restartsFrom)),
    waiting?.at ?? null,
    ...workers.flatMap(({ kill, lostBy, silentAt }) => [kill?.at ?? null, lostBy, silentAt]),
    ...workers.filter(isAsked).flatMap(({ health }) => [health?.nextAt ?? null, health?.pending?.by ?? null]),
  ].filter((at) => at !== null);
  return deadlines.length === 0 ? null : Math.min(...deadlines);
}
