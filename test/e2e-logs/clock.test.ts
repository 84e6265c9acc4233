import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, root } from '../support/naught.ts';
import { kill } from '../support/processes.ts';
import { controlOf, filler, linesIn, said, writer } from './support.ts';

const hour = 3_600_000;
const batch = 200;
const line = (number: number) => `w0 ${number} ${filler}`;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => line(from + at));

/** Writes batches with the clock set back an hour before the second one, and two before the third, which a new control writes. */
async function setBack(naught: Naught, ...options: string[]): Promise<void> {
  const clock = naught.write('clock', '0');
  naught.env = {
    CLOCK: clock,
    NODE_OPTIONS: `--require ${root}/test/fixtures/logs/clock.cjs`,
    STEP: 'yes',
    BATCH: String(batch),
  };
  await naught.start(['--max-log-size', '2000', ...options, writer]);
  const worker = await naught.worker();
  for (const step of [0, 1, 2]) {
    naught.write('clock', String(-step * hour));
    if (step === 2) {
      kill(controlOf(naught)!);
      await said(naught, /control was started again/);
    }
    process.kill(worker, 'SIGUSR2');
    const last = line((step + 1) * batch - 1);
    await eventually(() => (linesIn(naught, 'stdout.log').includes(last) ? true : undefined));
  }
}

it('shows the last lines in their order after the clock was set back', async () => {
  await using naught = new Naught();
  await setBack(naught);
  for (const count of [20, 350, 3 * batch]) {
    const { stdout } = await naught.run(['logs', '-n', String(count), '--stream', 'stdout']);
    expect(stdout.trimEnd().split('\n')).toEqual(numbers(3 * batch - count, 3 * batch));
  }
});

it('keeps the newest archives after the clock was set back', async () => {
  await using naught = new Naught();
  await setBack(naught, '--log-keep', '3');
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  const kept = linesIn(naught, 'stdout.log');
  expect(kept.length).toBeGreaterThan(60);
  expect(kept.length).toBeLessThan(100);
  expect(kept).toEqual(numbers(3 * batch - kept.length, 3 * batch));
});
