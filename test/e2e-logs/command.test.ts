import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, ranOf } from '../support/naught.ts';
import { controlOf, filler, linesIn, tallyOf, writer } from './support.ts';

const numbers = (from: number, to: number, slot = 0) =>
  Array.from({ length: to - from }, (_, at) => `w${slot} ${from + at} ${filler}\n`).join('');

async function started(env: Record<string, string>, ...options: string[]): Promise<Naught> {
  const naught = new Naught();
  naught.env = env;
  expect(await naught.run(['start', '--max-log-size', '20000', ...options, writer])).toMatchObject({ code: 0 });
  if (env.LINES) await eventually(() => (linesIn(naught, 'stderr.log').length >= Number(env.LINES) ? true : undefined));
  return naught;
}

it('shows the last lines over archives, those of one stream, and those that match', async () => {
  await using naught = await started({ LINES: '1000' });
  expect(await naught.run(['logs'])).toEqual({
    code: 0,
    signal: null,
    stdout: numbers(900, 1000) + numbers(900, 1000),
    stderr: '',
  });
  expect(await naught.run(['logs', '-n', '700', '--stream', 'stderr'])).toMatchObject({ stdout: numbers(300, 1000) });
  expect(await naught.run(['logs', '-n', 'all', '--stream', 'stdout', 'naught.ipc'])).toMatchObject({
    stdout: numbers(0, 1000),
  });
  const matching = await naught.run(['logs', '-n', '2', '--grep', ' [0-9]+7 ', '--stream=stdout']);
  expect(matching.stdout).toBe(numbers(987, 988) + numbers(997, 998));
  const daemon = await naught.run(['logs', '--stream', 'daemon', '--grep', 'NewOnline']);
  expect(daemon.stdout).toMatch(/^\S+ info NewOnline\. .*\n$/);
  const json = await naught.run(['logs', '-n', '1', '--stream', 'stdout', '--json']);
  expect(
    json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([{ event: 'Line', stream: 'stdout', line: `w0 999 ${filler}` }, { result: { lines: 1, skipped: 0 } }]);
});

it('shows the lines of one worker where they are kept apart', async () => {
  await using naught = await started({ LINES: '200' }, '--worker-count', '2', '--log-format', 'json');
  await eventually(() => (linesIn(naught, 'stderr.log').length >= 400 ? true : undefined));
  const one = await naught.run(['logs', '--worker', '1', '--stream', 'stdout', '-n', '150']);
  expect(one.stdout).toBe(numbers(50, 200, 1));
  await using plain = await started({ LINES: '1' });
  expect(await plain.run(['logs', '--worker', '0'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('start the server with --log-format json'),
  });
});

it('follows until the daemon stops, and has the last line', async () => {
  await using naught = await started({ PACE: '5', BATCH: '3' });
  const followers = [
    naught.spawn(['logs', '-f', '-n', 'all', '--stream', 'stdout']),
    naught.spawn(['logs', '-f', '-n', '0', '--worker', '0', '--json']),
    naught.spawn(['logs', '-f', '--stream', 'daemon']),
  ];
  const began = followers.map((child) => once(child.stdout!, 'data'));
  const ended = followers.map((child) => ranOf(child));
  await Promise.all(began);
  await naught.run(['stop']);
  const [all, worker, daemon] = await Promise.all(ended);
  const count = Number(naught.read('count-0'));
  expect(all).toMatchObject({ code: 0, stderr: '', stdout: numbers(0, count) });
  const events = worker!.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toEqual({ event: 'Live' });
  expect(events.at(-2)).toMatchObject({ event: 'Line', slot: 0, line: expect.stringContaining(`w0 ${count - 1} `) });
  expect(events.at(-1)).toEqual({ result: { lines: events.length - 2, skipped: 0 } });
  expect(daemon).toMatchObject({ code: 0, stdout: expect.stringMatching(/ info Shutdown\. .*\n$/) });
});

it('ends at Ctrl-C with success, and when its reader has seen enough', async () => {
  await using naught = await started({ PACE: '5' });
  const following = naught.spawn(['logs', '-f', '-n', '1']);
  const ended = ranOf(following);
  await once(following.stdout!, 'data');
  following.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  const left = naught.spawn(['logs', '-f']);
  const leftEnd = ranOf(left);
  await once(left.stdout!, 'data');
  left.stdout!.destroy();
  expect(await leftEnd).toMatchObject({ code: 0, stderr: '' });
});

it('holds back no worker when its reader stands still, and tells what that one missed', async () => {
  await using naught = await started({});
  const still = naught.spawn(['logs', '-f', '--stream', 'stdout', '--json']);
  let output = '';
  still.stdout!.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  await eventually(() => (output.includes('Live') ? true : undefined));
  still.kill('SIGSTOP');
  naught.env = { LINES: '150000' };
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  await eventually(() => (naught.exists('written-0') ? true : undefined), 30_000);
  still.kill('SIGCONT');
  const ended = new Promise((resolve) => still.once('close', resolve));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(await ended).toBe(0);
  const events = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { result } = events.at(-1);
  expect(result.skipped).toBeGreaterThan(10_000);
  expect(result.lines + result.skipped).toBe(150_000);
  expect(tallyOf(linesIn(naught, 'stdout.log'), [150_000])).toEqual({ missing: 0, twice: 0, others: [] });
});

it('opens new files when an outside logrotate has moved them and sends SIGUSR2', async () => {
  await using naught = await started({ PACE: '5' }, '--max-log-size', '100000000');
  const control = controlOf(naught);
  for (const log of ['stdout.log', 'stderr.log', 'naught.log']) renameSync(naught.path(log), naught.path(`${log}.1`));
  process.kill(naught.pid()!, 'SIGUSR2');
  await eventually(() => (naught.exists('stdout.log') && naught.exists('naught.log') ? true : undefined));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(control).toBeDefined();
  const lines = naught.read('stdout.log.1') + naught.read('stdout.log');
  expect(tallyOf(lines.trimEnd().split('\n'), [Number(naught.read('count-0'))])).toEqual({
    missing: 0,
    twice: 0,
    others: [],
  });
});
