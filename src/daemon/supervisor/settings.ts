import type { WorkersConfig } from '../start-config.ts';
import type { Settings } from './machine/state.ts';

/** Up to here all workers of a deploy boot at once, as in 1.x. */
const fewWorkers = 8;

/** By default. */
export function bootsAtOnce(cpus: number): number {
  return Math.max(fewWorkers, 2 * cpus);
}

/** What the machine goes by on a host of so many CPUs. A number of workers that was asked for is meant as it is. */
export function settingsOf({ onlineOn, drain, drainTimeoutMs, bootParallel }: WorkersConfig, cpus: number): Settings {
  const boots =
    bootParallel === 'auto'
      ? { bootParallel: bootsAtOnce(cpus), loadParallel: cpus }
      : { bootParallel, loadParallel: Number.POSITIVE_INFINITY };
  return { onlineOn, drain, drainTimeoutMs, ...boots, leaveParallel: cpus };
}
