import fs from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ToControl } from '../../../src/daemon/control-link.ts';
import type { PipeHandle } from '../../../src/daemon/reading-end.ts';
import { Fifos, type PipeEnds } from '../../../src/daemon/supervisor/control/fifos.ts';
import { Pipes } from '../../../src/daemon/supervisor/control/pipes.ts';

/** All messages to control in their order, without those of a pipe that is offered again. */
let sent: ToControl[];
let pipes: Pipes;
let ends: PipeEnds;

beforeEach(() => {
  ends = new Fifos(process.env.PATH).take((text) => expect.unreachable(text))!;
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'hrtime'] });
  sent = [];
  pipes = new Pipes((message, handle?: PipeHandle) => {
    expect(handle !== undefined).toBe(message.type === 'pipe');
    sent.push(message);
  });
  pipes.add({ fd: ends.read }, { worker: 1, slot: 0, pid: 4711, stream: 'stdout' });
});

afterEach(() => {
  pipes.ended(1);
  vi.useRealTimers();
});

const write = (text: string) => fs.writeSync(ends.write, text);
const types = () => sent.map(({ type }) => type);
const handed = () => sent.flatMap((message) => (message.type === 'read' ? message : []));
const keptIn = ({ kept = '' }: { kept?: string }) => Buffer.from(kept, 'base64').toString();
/** What is in the pipe has been read, by whoever reads. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Time passes in small steps, in which the event loop turns. */
async function passes(ms: number): Promise<void> {
  for (let step = 0; step < ms; step += 250) {
    vi.advanceTimersByTime(250);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await settled();
}

test('is read by nobody before control has it, and was told to read', async () => {
  write('a line\n');
  pipes.offerAll();
  expect(types()).toEqual(['pipe']);
  await settled();
  expect(pipes.unread).toHaveLength(1);
  pipes.taken(1);
  expect(handed()).toMatchObject([{ dropped: 0, ended: false }]);
  await passes(3_000);
  expect(pipes.unread).toEqual([]);
  // The line is there for control.
  const bytes = Buffer.alloc(100);
  expect(fs.readSync(ends.read, bytes)).toBe(7);
});

test('is read here when no control process has taken it for a while, so that its writer goes on', async () => {
  const lines = Array.from({ length: 1500 }, (_, number) => `${number} ${'x'.repeat(1000)}\n`);
  await passes(5_250);
  for (const some of chunked(lines, 50)) {
    write(some.join(''));
    await settled();
  }
  pipes.offerAll();
  pipes.taken(1);
  const { dropped } = handed()[0]!;
  const kept = keptIn(handed()[0]!);
  expect(kept.length + dropped).toBe(lines.join('').length);
  expect(lines.join('').endsWith(`\n${kept}`)).toBe(true);
  expect(dropped).toBeGreaterThan(400_000);
  // Control reads from here on: nothing more is taken from it.
  write('live\n');
  await passes(2_000);
  expect(fs.readSync(ends.read, Buffer.alloc(100))).toBe(5);
});

test('is read here at once when control ends as soon as it is started, again and again', async () => {
  write('a line\n');
  pipes.takeBack(0, true);
  await passes(500);
  pipes.offerAll();
  pipes.taken(1);
  expect(handed().map(keptIn)).toEqual(['a line\n']);
});

test('is read here five seconds after a control process that hung has read it last', async () => {
  pipes.offerAll();
  pipes.taken(1);
  write('a line\n');
  pipes.takeBack(4_000, false);
  await passes(1_250);
  pipes.offerAll();
  pipes.taken(1);
  expect(handed().map(keptIn)).toEqual(['', 'a line\n']);
});

test('hands what it kept to the next control process again, when one dies before it has logged it', async () => {
  write('kept\n');
  await passes(5_250);
  pipes.offerAll();
  pipes.taken(1);
  pipes.takeBack(0, false);
  pipes.offerAll();
  pipes.taken(1);
  pipes.keptLogged(1);
  pipes.takeBack(0, false);
  pipes.offerAll();
  pipes.taken(1);
  expect(handed().map(keptIn)).toEqual(['kept\n', 'kept\n', '']);
});

test('hands on all of a pipe that has ended meanwhile', async () => {
  write('last words\n');
  fs.closeSync(ends.write);
  await passes(5_250);
  pipes.offerAll();
  expect(types()).toEqual(['read']);
  expect(handed()).toMatchObject([{ ended: true, dropped: 0 }]);
  expect(keptIn(handed()[0]!)).toBe('last words\n');
});

test('offers again what control could not take, and reads it until it can', async () => {
  pipes.offerAll();
  write('meanwhile\n');
  await passes(5_250);
  expect(types()).toEqual(['pipe', 'pipe']);
  pipes.taken(1);
  expect(handed().map(keptIn)).toEqual(['meanwhile\n']);
});

function chunked<Value>(values: Value[], size: number): Value[][] {
  return Array.from({ length: values.length / size }, (_, at) => values.slice(at * size, (at + 1) * size));
}
