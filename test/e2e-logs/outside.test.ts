import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, openSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught } from '../support/naught.ts';
import { controlOf, filesOf, linesIn, linesOf, nothingLost, tallyOf, writer } from './support.ts';

const times = 6;

/** A daemon whose only worker writes without a pause, and rotates nothing by itself. */
async function writing(): Promise<Naught> {
  const naught = new Naught();
  naught.env = { PACE: '2' };
  await naught.start(['--max-log-size', '1000000000', writer]);
  return naught;
}

/** Waits until the current log has grown to more than a few lines. */
async function grown(naught: Naught): Promise<void> {
  const size = () => statSync(naught.path('stdout.log'), { throwIfNoEntry: false })?.size ?? 0;
  await eventually(() => (size() > 50_000 ? true : undefined));
}

/** The lines of these bytes and of the log when the daemon has stopped: every one is there, once. */
async function expectAll(naught: Naught, pieces: () => Buffer[]): Promise<void> {
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  const lines = linesOf(Buffer.concat([...pieces(), readFileSync(naught.path('stdout.log'))]));
  expect(tallyOf(lines, [Number(naught.read('count-0'))])).toEqual(nothingLost);
}

it('opens the log anew after an rm, and loses nothing', async () => {
  await using naught = await writing();
  const removed: number[] = [];
  for (let time = 0; time < times; time++) {
    await grown(naught);
    removed.push(openSync(naught.path('stdout.log'), 'r'));
    rmSync(naught.path('stdout.log'));
  }
  await grown(naught);
  // What was written to a file that has no name any more is still there for who has it open.
  await expectAll(naught, () => removed.map((fd) => readFileSync(fd)));
  for (const fd of removed) closeSync(fd);
});

it('opens the log anew after a mv, and loses nothing', async () => {
  await using naught = await writing();
  const moved = Array.from({ length: times }, (_, time) => naught.path(`stdout.log.${time}`));
  for (const path of moved) {
    await grown(naught);
    renameSync(naught.path('stdout.log'), path);
  }
  await grown(naught);
  await expectAll(naught, () => moved.map((path) => readFileSync(path)));
});

it('goes on at the beginning of a log that was copied and truncated', async () => {
  await using naught = await writing();
  const copies = Array.from({ length: times }, (_, time) => naught.path(`stdout.log.${time}`));
  const control = controlOf(naught)!;
  for (const path of copies) {
    await grown(naught);
    // Nobody writes between the copy and the truncation, which logrotate cannot help.
    process.kill(control, 'SIGSTOP');
    copyFileSync(naught.path('stdout.log'), path);
    truncateSync(naught.path('stdout.log'), 0);
    process.kill(control, 'SIGCONT');
  }
  await grown(naught);
  await expectAll(naught, () => copies.map((path) => readFileSync(path)));
});

const poller = `
const { parentPort, workerData: { path, over } } = require('node:worker_threads');
const { closeSync, openSync } = require('node:fs');
let found = 0;
let missing = 0;
while (Atomics.load(over, 0) === 0) {
  try {
    closeSync(openSync(path));
    found++;
  } catch {
    missing++;
  }
}
parentPort.postMessage({ found, missing });
`;

it('is at its path whenever a poller looks, and tail -F reads every line', async () => {
  await using naught = new Naught();
  // Less than a log may have: two rotations at once are more than tail can follow.
  const batch = 1000;
  const steps = 40;
  naught.env = { STEP: 'yes', BATCH: String(batch) };
  await naught.start(['--max-log-size', '102400', writer]);
  const over = new Int32Array(new SharedArrayBuffer(4));
  const path = naught.path('stdout.log');
  const poll = new Worker(poller, { eval: true, workerData: { path, over } });
  const polled = once(poll, 'message');
  const tail = spawn('tail', ['-n', '+1', '-F', path], { stdio: ['ignore', 'pipe', 'ignore'] });
  const gone = once(tail, 'close');
  try {
    const chunks: Buffer[] = [];
    let newlines = 0;
    tail.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      newlines += chunk.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
    });
    const worker = await naught.worker();
    for (let step = 1; step <= steps; step++) {
      process.kill(worker, 'SIGUSR2');
      await eventually(() => (newlines >= step * batch ? true : undefined));
    }
    expect(tallyOf(linesOf(Buffer.concat(chunks)), [steps * batch])).toEqual(nothingLost);
  } finally {
    Atomics.store(over, 0, 1);
    tail.kill();
    await gone;
  }
  const [{ found, missing }] = await polled;
  expect(missing).toBe(0);
  expect(found).toBeGreaterThan(1000);
  expect(filesOf(naught, 'stdout.log').length).toBeGreaterThan(0.9 * steps);
});

it('loses no line of two daemons that write to one path, and tears none', async () => {
  await using naught = new Naught();
  const second = ['--ipc-file', 'b.ipc', '--pid-file', 'b.pid', '--log', 'b.log', '--stderr', 'b-stderr.log'];
  const lines = 30_000;
  const small = ['--max-log-size', '102400', '--worker-count', '2'];
  naught.env = { LINES: String(lines) };
  const first = naught.run(['start', ...small, writer]);
  const both = [first, naught.run(['start', ...small, ...second, writer], { env: { OFFSET: '2' } })];
  for (const ran of both) expect(await ran).toMatchObject({ code: 0 });
  await eventually(() => ([0, 1, 2, 3].every((slot) => naught.exists(`written-${slot}`)) ? true : undefined), 30_000);
  for (const ipcFile of ['naught.ipc', 'b.ipc']) expect(await naught.run(['stop', ipcFile])).toMatchObject({ code: 0 });
  expect(filesOf(naught, 'stdout.log').length).toBeGreaterThan(90);
  expect(tallyOf(linesIn(naught, 'stdout.log'), Array(4).fill(lines))).toEqual(nothingLost);
});
