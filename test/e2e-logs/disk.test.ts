import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, root } from '../support/naught.ts';
import { kill } from '../support/processes.ts';
import { controlOf, filesOf, filler, linesIn, nothingLost, said, tallyOf, writer } from './support.ts';

/** 196 KB of a disk of 256 KiB. */
const lines = 2000;

/** A file system of 256 KiB in the folder; null where this user may not make one. */
function smallDisk(naught: Naught): AsyncDisposable | null {
  const path = naught.path('small');
  mkdirSync(path);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path]).status !== 0) return null;
  return {
    async [Symbol.asyncDispose]() {
      spawnSync('umount', ['-l', path]);
    },
  };
}

it('holds no worker back while the disk is full, and has every line when it is freed', async ({ skip }) => {
  await using naught = new Naught();
  await using disk = smallDisk(naught);
  if (!disk) return skip('this user may not mount a tmpfs');
  const neighbour = naught.path('small/neighbour');
  writeFileSync(neighbour, Buffer.alloc(200_000));
  naught.env = { LINES: String(lines) };
  const logs = ['--stdout', 'small/stdout.log', '--stderr', '/dev/null', '--max-log-size', '20000'];
  await naught.start([...logs, writer]);
  await said(naught, /error cannot write to \S+stdout.log, trying again: ENOSPC: no space left on device/);
  // The worker has written four times as much as there is room for, and answers.
  await eventually(() => (naught.exists('written-0') ? true : undefined));
  expect(await naught.status()).toMatchObject({ count: { online: 1 } });
  rmSync(neighbour);
  await said(naught, /info \S+stdout.log can be written again/);
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(filesOf(naught, 'small/stdout.log').length).toBeGreaterThan(5);
  expect(tallyOf(linesIn(naught, 'small/stdout.log'), [lines])).toEqual(nothingLost);
});

it('starts control again while the disk is full, and goes on when it is freed', async ({ skip }) => {
  await using naught = new Naught();
  await using disk = smallDisk(naught);
  if (!disk) return skip('this user may not mount a tmpfs');
  // More than a pipe takes; twice as many fit on the disk when it is freed.
  const batch = 1000;
  const neighbour = naught.path('small/neighbour');
  writeFileSync(neighbour, Buffer.alloc(200_000));
  naught.env = { STEP: 'yes', BATCH: String(batch) };
  await naught.start(['--stdout', 'small/stdout.log', '--stderr', '/dev/null', writer]);
  const worker = await naught.worker();
  kill(worker, 'SIGUSR2');
  await said(naught, /error cannot write to \S+stdout.log, trying again: ENOSPC/);
  kill(controlOf(naught));
  await said(naught, /control was started again/);
  kill(worker, 'SIGUSR2');
  expect(await naught.status()).toMatchObject({ count: { online: 1 } });
  rmSync(neighbour);
  const last = `w0 ${2 * batch - 1} ${filler}`;
  await eventually(() => naught.read('small/stdout.log').includes(last) || undefined);
  expect(await naught.run(['stop', '--json'])).toMatchObject({
    code: 0,
    stdout: expect.not.stringContaining('lostLogs'),
  });
  // Of what came after the kill nothing is missing.
  const kept = linesIn(naught, 'small/stdout.log').slice(-batch);
  expect(kept).toEqual(Array.from({ length: batch }, (_, each) => `w0 ${batch + each} ${filler}`));
});

it('stops nevertheless when the disk stays full, and says how much is lost', async ({ skip }) => {
  await using naught = new Naught();
  await using disk = smallDisk(naught);
  if (!disk) return skip('this user may not mount a tmpfs');
  const number = 2 * lines;
  naught.env = { LINES: String(number) };
  await naught.start(['--stdout', 'small/stdout.log', '--stderr', '/dev/null', writer]);
  await eventually(() => (naught.exists('written-0') ? true : undefined));
  await said(naught, /error cannot write to/);
  const { code, stderr } = await naught.run(['stop']);
  expect(code).toBe(0);
  const [, told] = /^(\d+) bytes of \S+small\/stdout.log are lost: they could not be written/m.exec(stderr) ?? [];
  const [, lost] =
    /error (\d+) bytes could not be written to \S+stdout.log and are lost/.exec(naught.read('naught.log')) ?? [];
  const { size } = statSync(naught.path('small/stdout.log'));
  const all = Array.from({ length: number }, (_, each) => `w0 ${each} ${filler}\n`).join('').length;
  expect(size).toBeGreaterThan(200_000);
  expect(Number(lost) + size).toBe(all);
  expect(told).toBe(lost);
});

it('gives no two archives one name, and loses nothing, when the clock is set back', async () => {
  await using naught = new Naught();
  const clock = naught.write('clock', '0');
  const batch = 2000;
  naught.env = {
    CLOCK: clock,
    NODE_OPTIONS: `--require ${root}/test/fixtures/logs/clock.cjs`,
    STEP: 'yes',
    BATCH: String(batch),
  };
  await naught.start(['--max-log-size', '102400', writer]);
  const worker = await naught.worker();
  const ahead = [0, -3_600_000, -3_600_100, 86_400_000, 0];
  for (const [step, ms] of ahead.entries()) {
    naught.write('clock', String(ms));
    process.kill(worker, 'SIGUSR2');
    await eventually(() => (linesIn(naught, 'stdout.log').length >= (step + 1) * batch ? true : undefined));
  }
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(filesOf(naught, 'stdout.log').length).toBeGreaterThan(ahead.length);
  expect(tallyOf(linesIn(naught, 'stdout.log'), [ahead.length * batch])).toEqual(nothingLost);
});
