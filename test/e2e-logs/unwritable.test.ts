import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, mkdirSync, openSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, program } from '../support/naught.ts';
import { kill } from '../support/processes.ts';
import { bytesIn, controlOf, linesIn, linesOf, nothingLost, said, tallyOf, writer } from './support.ts';

/** 184 KB: more than a pipe takes. */
const lines = 2000;

it('starts control again while a log cannot be opened, and has every line when it can be', async () => {
  await using naught = new Naught();
  naught.env = { STEP: 'yes', BATCH: String(lines) };
  await naught.start(['--stderr', '/dev/null', writer]);
  const worker = await naught.worker();
  renameSync(naught.path('stdout.log'), naught.path('moved'));
  mkdirSync(naught.path('stdout.log'));
  kill(controlOf(naught));
  await said(naught, /error cannot write to \S+stdout.log, trying again: EISDIR/);
  kill(worker, 'SIGUSR2');
  // Somebody reads what it writes: it answers, and so does the API.
  expect(await naught.status()).toMatchObject({ count: { online: 1 } });
  expect((await naught.call('POST', '/logs/reopen', { body: '{}' })).status).toBe(200);
  kill(worker, 'SIGUSR2');
  rmdirSync(naught.path('stdout.log'));
  await eventually(
    () => (naught.exists('stdout.log') && linesIn(naught, 'stdout.log').length === 2 * lines) || undefined,
  );
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(tallyOf(linesIn(naught, 'stdout.log'), [2 * lines])).toEqual(nothingLost);
  const recovered = linesIn(naught, 'naught.log').filter((line) => line.includes('can be written again'));
  expect(recovered).toHaveLength(1);
});

it('waits for the reader of a FIFO, and keeps what it is to read', async () => {
  await using naught = new Naught();
  naught.env = { LINES: String(lines) };
  execFileSync('mkfifo', [naught.path('fifo')]);
  await naught.start(['--stdout', 'fifo', '--stderr', '/dev/null', writer]);
  await eventually(() => (naught.exists('written-0') ? true : undefined));
  const reader = createReadStream(naught.path('fifo'));
  const chunks: Buffer[] = [];
  reader.on('data', (chunk) => chunks.push(chunk as Buffer));
  const read = once(reader, 'end');
  await eventually(() => (linesOf(Buffer.concat(chunks)).length === lines ? true : undefined));
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  await read;
  expect(tallyOf(linesOf(Buffer.concat(chunks)), [lines])).toEqual(nothingLost);
});

it.each(['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'])(
  'writes to the stream of the command with --stdout %s, and does not rotate the file behind it',
  async (stdout) => {
    await using naught = new Naught();
    naught.env = { LINES: String(lines) };
    const out = openSync(naught.path('out.txt'), 'w');
    const logs = ['--stdout', stdout, '--stderr', '/dev/null', '--max-log-size', '5000'];
    const child = spawn(process.execPath, [program, 'start', '--daemon-mode', 'false', ...logs, writer], {
      cwd: naught.dir,
      env: { ...process.env, ...naught.env },
      stdio: ['ignore', out, 'ignore'],
    });
    closeSync(out);
    await eventually(() => (naught.exists('written-0') ? true : undefined));
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(tallyOf(linesOf(readFileSync(naught.path('out.txt'))), [lines])).toEqual(nothingLost);
    expect(bytesIn(naught, 'out.txt')).toEqual(readFileSync(naught.path('out.txt')));
  },
);

it('refuses for a daemon a stream of the command, and everywhere one that only the command has', async () => {
  await using naught = new Naught();
  for (const [options, said] of [
    [['--stdout', '/dev/stdout'], '--stdout /dev/stdout needs --daemon-mode false'],
    [['--daemon-mode', 'false', '--log', '/dev/fd/7'], "--log /dev/fd/7: of the command's own streams"],
  ] as const) {
    const { code, stderr } = await naught.run(['start', ...options, writer]);
    expect({ code, stderr: stderr.split('\n')[0] }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  }
});
