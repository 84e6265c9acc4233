import { type FieldError, invalidParams } from '../../protocol/errors.ts';
import type { StrategyParams } from '../../protocol/rollout-schemas.ts';
import type { HealthCheck } from './machine/health-check.ts';
import type { Strategy } from './machine/strategy/strategy.ts';

type HealthParams = Pick<StrategyParams, 'health' | 'healthTimeout' | 'healthEvery'>;

type Share = number | string;

const fewestErrors = 5;

const healthTimeout = 5;

/**
 * What a deploy with these parameters goes by: what they do not say is as at `start`. Shares are of `count`, the number of workers that it
 * starts, rounded up. Canaries leave one worker at least for later: parameters that do not are refused, and so are others that make no sense
 * together; defaults give way. Throws `invalid-params`.
 */
export function strategyOf(
  params: StrategyParams & { timeout?: number | null },
  defaults: StrategyParams,
  count: number,
): Strategy {
  const { surge = 'all', canary = 'none', bake = null, maxErrors = fewestErrors } = { ...defaults, ...params };
  const faults = [
    ...canaryFaults(params.canary, bake, count),
    ...timeoutFaults(params.timeout, bake),
    ...healthFaults(params, defaults),
  ];
  if (faults.length > 0) throw invalidParams(...faults);
  return {
    surge: surge === 'all' ? Number.POSITIVE_INFINITY : workersOf(surge, count),
    canary: canary === 'none' || bake === null ? 0 : Math.min(workersOf(canary, count), count - 1),
    bakeMs: (bake ?? 0) * 1000,
    maxErrors: maxErrors / 100,
    health: healthOf(params, defaults),
  };
}

/** How the workers are asked for their health; null: not at all. */
export function healthOf(params: HealthParams, defaults: HealthParams): HealthCheck | null {
  const {
    health: path = null,
    healthTimeout: timeout = healthTimeout,
    healthEvery: every = null,
  } = { ...defaults, ...params };
  if (path === null) return null;
  return { path, timeoutMs: timeout * 1000, everyMs: every === null ? null : every * 1000 };
}

/** What is said of the health of workers that are not asked for it. */
function healthFaults(params: HealthParams, defaults: HealthParams): FieldError[] {
  if (healthOf(params, defaults) !== null) return [];
  const said = (['healthTimeout', 'healthEvery'] as const).filter((field) => params[field] != null);
  return said.map((field) => ({ field, message: 'needs health: the path that is asked for' }));
}

function canaryFaults(canary: Share | undefined, bake: number | null, count: number): FieldError[] {
  if (canary === undefined || canary === 'none') return [];
  if (bake === null) return [{ field: 'canary', message: 'needs a bake: for how long the canaries are watched' }];
  if (canary !== '100%' && (typeof canary === 'string' || canary < count)) return [];
  const workers = count === 1 ? 'there is 1 worker' : `there are ${count} workers`;
  return [{ field: 'canary', message: `must be less than the whole release, not ${canary}: ${workers}` }];
}

function timeoutFaults(timeout: number | null | undefined, bake: number | null): FieldError[] {
  if (timeout == null || bake === null || timeout > bake) return [];
  return [{ field: 'timeout', message: `must be longer than the bake of ${bake} s, which is a part of the deploy` }];
}

function workersOf(share: Share, count: number): number {
  return typeof share === 'number' ? share : Math.ceil((count * Number.parseInt(share, 10)) / 100);
}
