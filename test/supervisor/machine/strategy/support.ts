import { allAtOnce, type Strategy } from '../../../../src/daemon/supervisor/machine/strategy/strategy.ts';

/** A strategy that differs from that of 1.x in these. */
export const by = (strategy: Partial<Strategy>): Strategy => ({ ...allAtOnce, maxErrors: 0.05, ...strategy });
