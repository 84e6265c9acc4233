import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught } from '../support/naught.ts';
import { bytesIn, filesOf, linesIn, nothingLost, said, tallyOf, writer } from './support.ts';

const small = ['--max-log-size', '102400'];

it('has every line of four workers once and whole, over 200 rotations', async () => {
  await using naught = new Naught();
  const lines = 60_000;
  naught.env = { LINES: String(lines) };
  expect(await naught.run(['start', '--worker-count', '4', ...small, writer])).toMatchObject({ code: 0 });
  await eventually(() => ([0, 1, 2, 3].every((slot) => naught.exists(`written-${slot}`)) ? true : undefined), 30_000);
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  for (const log of ['stdout.log', 'stderr.log']) {
    expect(filesOf(naught, log).length).toBeGreaterThan(200);
    expect(tallyOf(linesIn(naught, log), Array(4).fill(lines))).toEqual(nothingLost);
  }
});

it.each([
  ['exits', 'exit', /WorkerDeath.* exit code: 3/],
  ['throws', 'throw', /WorkerDeath.* exit code: 1/],
  ['is killed', 'kill', /WorkerDeath.* signal: SIGKILL/],
  ['is disconnected', 'disconnect', /WorkerDeath|OldExit/],
])('has every line of a burst after which the worker %s', async (_, end, death) => {
  await using naught = new Naught();
  const lines = 10_000;
  naught.env = { LINES: String(lines), END: end };
  expect(await naught.run(['start', '--worker-count', '2', ...small, writer])).toMatchObject({ code: 0 });
  naught.write('go');
  await said(naught, death, 2);
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(tallyOf(linesIn(naught, 'stdout.log'), [lines, lines])).toEqual(nothingLost);
  const stderr = tallyOf(linesIn(naught, 'stderr.log'), [lines, lines]);
  expect(stderr).toMatchObject({ missing: 0, twice: 0 });
  // Both workers tell of their exception.
  expect(stderr.others.filter((line) => line === 'Error: the end')).toHaveLength(end === 'throw' ? 2 : 0);
  if (end !== 'throw') expect(stderr.others).toEqual([]);
});

it('has the last byte on disk when stop returns in the midst of a burst', async () => {
  await using naught = new Naught();
  naught.env = { PACE: '1' };
  expect(await naught.run(['start', '--worker-count', '2', ...small, writer])).toMatchObject({ code: 0 });
  await eventually(() => (filesOf(naught, 'stdout.log').length > 5 ? true : undefined));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  const found = ['stdout.log', 'stderr.log'].map((log) => linesIn(naught, log));
  const counts = [0, 1].map((slot) => Number(naught.read(`count-${slot}`)));
  expect(Math.min(...counts)).toBeGreaterThan(1000);
  for (const lines of found) expect(tallyOf(lines, counts)).toEqual(nothingLost);
});

it('has random bytes as they were written, over rotations', async () => {
  await using naught = new Naught();
  naught.env = { BYTES: '3000000' };
  expect(await naught.run(['start', ...small, writer])).toMatchObject({ code: 0 });
  await eventually(() => (naught.exists('written-0') ? true : undefined));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(filesOf(naught, 'stdout.log').length).toBeGreaterThan(20);
  expect(bytesIn(naught, 'stdout.log').equals(readFileSync(naught.path('bytes-0')))).toBe(true);
});

it('keeps nothing of a log at /dev/null, whatever is written', async () => {
  await using naught = new Naught();
  naught.env = { LINES: '20000' };
  const none = ['--log', '/dev/null', '--stdout', '/dev/null', '--stderr', '/dev/null'];
  expect(await naught.run(['start', ...none, writer])).toMatchObject({ code: 0 });
  await eventually(() => (naught.exists('written-0') ? true : undefined));
  expect(await naught.run(['logs'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'nothing is kept of stdout and stderr: the server was started with --stdout /dev/null, --stderr /dev/null\n',
  });
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(readdirSync(naught.dir).sort()).toEqual(['began-0', 'written-0']);
});

it('passes everything to the streams of a foreground command for -', async () => {
  await using naught = new Naught();
  const lines = 20_000;
  naught.env = { LINES: String(lines) };
  const own = ['--daemon-mode', 'false', '--log', '/dev/null', '--stdout', '-', '--stderr', '-'];
  const child = naught.spawn(['start', '--worker-count', '2', ...own, writer]);
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text) => {
      output[stream] += text;
    });
  }
  const closed = new Promise((resolve) => child.once('close', resolve));
  await eventually(() => (naught.exists('written-0') && naught.exists('written-1') ? true : undefined), 30_000);
  child.kill('SIGTERM');
  expect(await closed).toBe(0);
  for (const text of Object.values(output)) {
    expect(tallyOf(text.trimEnd().split('\n'), [lines, lines])).toEqual(nothingLost);
  }
});
