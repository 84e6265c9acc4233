import { describe, expect, it } from 'vitest';
import { strategyOf } from '../../src/daemon/supervisor/strategy.ts';
import type { StrategyParams } from '../../src/protocol/rollout-schemas.ts';

const plain = { surge: Number.POSITIVE_INFINITY, canary: 0, bakeMs: 0, maxErrors: 0.05 };

describe('the strategy of a deploy', () => {
  it.each<[string, StrategyParams, StrategyParams, number, object]>([
    ['is that of 1.x', {}, {}, 4, plain],
    ['rounds shares up', { surge: '25%', canary: '10%', bake: 2 }, {}, 9, { surge: 3, canary: 1, bakeMs: 2_000 }],
    ['is as at start', {}, { surge: 1, maxErrors: 50 }, 4, { surge: 1, maxErrors: 0.5 }],
    ['takes what the deploy says for more than that', { surge: 'all' }, { surge: 1 }, 4, plain],
    ['leaves one worker at least that is no canary', { canary: '99%', bake: 1 }, {}, 4, { canary: 3 }],
    ['watches the only worker without a canary', { canary: '50%', bake: 1 }, {}, 1, { canary: 0, bakeMs: 1_000 }],
    ['has no canaries of start where they are all', {}, { canary: 4, bake: 1 }, 1, { canary: 0, bakeMs: 1_000 }],
    ['has no canaries without a bake', { bake: null }, { canary: 1, bake: 1 }, 4, plain],
  ])('%s', (_what, params, defaults, count, strategy) => {
    expect(strategyOf(params, defaults, count)).toMatchObject(strategy);
  });

  it.each<[StrategyParams & { timeout?: number }, StrategyParams, string]>([
    [{ canary: 1 }, {}, 'canary needs a bake'],
    [{ canary: 4, bake: 1 }, {}, 'canary must be less than the whole release, not 4: there are 4 workers'],
    [{ canary: '100%', bake: 1 }, {}, 'canary must be less than the whole release, not 100%'],
    [{ timeout: 5 }, { bake: 5 }, 'timeout must be longer than the bake of 5 s'],
  ])('%j is refused', (params, defaults, text) => {
    expect(() => strategyOf(params, defaults, 4)).toThrow(text);
  });
});
