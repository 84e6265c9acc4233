import { expect, it } from 'vitest';
import { settingsOf } from '../../src/daemon/supervisor/settings.ts';
import { config } from './fleet/system.ts';

const settings = (bootParallel: number | 'auto', cpus: number) => settingsOf({ ...config.workers, bootParallel }, cpus);

it.each([
  [1, 8],
  [4, 8],
  [16, 32],
])(
  'on %i CPUs %i workers boot at once, of which in a large release as many as there are CPUs use them',
  (cpus, boot) => {
    expect(settings('auto', cpus)).toMatchObject({ bootParallel: boot, loadParallel: cpus, leaveParallel: cpus });
  },
);

it('a number is meant as it is', () => {
  expect(settings(3, 16)).toMatchObject({ bootParallel: 3, loadParallel: Number.POSITIVE_INFINITY });
});
