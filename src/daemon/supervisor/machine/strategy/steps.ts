import type { Rollout } from '../state.ts';

/** How far a boot or deploy is, and what may be done by then. */

/** The canaries come first, or are watched. */
export function isCanaryStep({ strategy, baked }: Rollout): boolean {
  return strategy.canary > 0 && !baked;
}

/** The slots whose new worker is waited for in this step. */
export function slotsNow(rollout: Rollout): readonly number[] {
  return isCanaryStep(rollout) ? rollout.slots.slice(0, rollout.strategy.canary) : rollout.slots;
}

/** An old worker may go when the new one of its slot is online, and not only when all are. */
export function goesBySlots(rollout: Rollout): boolean {
  return rollout.strategy.surge !== Number.POSITIVE_INFINITY && !isCanaryStep(rollout);
}

/** Whoever runs in this slot before the deploy does not after it. */
export function affects({ slots, release: { workerCount } }: Rollout, slot: number): boolean {
  return slots.length === workerCount || slot >= workerCount || slots.includes(slot);
}
