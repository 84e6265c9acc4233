import { readdirSync, statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught } from '../support/naught.ts';
import { childrenOf } from '../support/processes.ts';
import { controlOf, filesOf, linesIn, said, tallyOf, writer } from './support.ts';

const kills = 6;
/** What control may have read and not written: one chunk, and of each other pipe an unfinished line. */
const chunk = 65_536;
const lineLength = 92;
const pipes = 4;

it('loses at most what a killed control process had read, and the workers notice nothing', async () => {
  await using naught = new Naught();
  naught.env = { PACE: '5' };
  expect(await naught.run(['start', '--worker-count', '2', '--max-log-size', '1000000', writer])).toMatchObject({
    code: 0,
  });
  const workers = childrenOf(naught.pid()!).filter((pid) => pid !== controlOf(naught));
  // To read all of it again at each look would take longer than the workers take to write.
  const size = () => filesOf(naught, 'stdout.log').length * 1_000_000 + statSync(naught.path('stdout.log')).size;
  for (let kill = 1; kill <= kills; kill++) {
    const before = size();
    const control = await eventually(() => (size() > before + 100_000 ? controlOf(naught) : undefined));
    process.kill(control, 'SIGKILL');
    await said(naught, /control was started again: it was killed by SIGKILL; what it had read/, kill);
  }
  expect(childrenOf(naught.pid()!)).toEqual(expect.arrayContaining(workers));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  const counts = [0, 1].map((slot) => Number(naught.read(`count-${slot}`)));
  const tallies = ['stdout.log', 'stderr.log'].map((log) => tallyOf(linesIn(naught, log), counts));
  const missing = tallies.reduce((sum, tally) => sum + tally.missing, 0);
  expect(tallies.map(({ twice }) => twice)).toEqual([0, 0]);
  expect(missing).toBeLessThanOrEqual(kills * (Math.ceil(chunk / lineLength) + pipes + 1));
  // A line whose beginning was lost, or whose end: never one that is glued to another.
  for (const line of tallies.flatMap(({ others }) => others)) expect(line).toMatch(/^(w\d? ?\d* ?x*|\d? ?\d* ?x*)$/);
  expect(tallies.flatMap(({ others }) => others).length).toBeLessThanOrEqual(kills * (pipes + 1));
});

/** Descriptors that a process has. One that is going has none. */
function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

it('loses nothing when control is killed before it has opened the logs', async () => {
  await using naught = new Naught();
  // Slower than above: what nobody reads for so long, the supervisor keeps, but not without bound.
  naught.env = { PACE: '100' };
  await naught.start(['--worker-count', '2', writer]);
  const running = descriptorsOf(controlOf(naught) ?? 0);
  let control = controlOf(naught) ?? 0;
  process.kill(control, 'SIGKILL');
  for (let kill = 1; kill <= kills; kill++) {
    // It has come, with all pipes.
    control = await eventually(() => {
      const found = controlOf(naught);
      return found && found !== control && descriptorsOf(found) >= running ? found : undefined;
    });
    process.kill(control, 'SIGKILL');
  }
  await said(naught, /control was started again/);
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  const counts = [0, 1].map((slot) => Number(naught.read(`count-${slot}`)));
  const missing = ['stdout.log', 'stderr.log'].map((log) => tallyOf(linesIn(naught, log), counts).missing);
  // The first kill, of one that wrote, may lose its chunk; so may the last, if it was late.
  expect(missing[0]! + missing[1]!).toBeLessThanOrEqual(2 * (Math.ceil(chunk / lineLength) + pipes + 1));
});
