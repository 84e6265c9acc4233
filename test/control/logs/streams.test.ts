import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Logs } from '../../../src/daemon/control/logs/index.ts';
import { Lines } from '../../../src/daemon/control/logs/intake/lines.ts';
import {
  allOf,
  attachEnded,
  attachStream,
  eventually,
  faults,
  numberedLines,
  openIn,
  temporaryFolder,
} from './helpers.ts';

test('keeps random bytes as they are over rotations', async () => {
  const folder = temporaryFolder();
  const bytes = randomBytes(5_000_000);
  const logs = await openIn(folder, { maxSize: 100_000 });
  await (await attachStream(logs)).finish(bytes);
  await logs.close(2000);
  const hash = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  expect(hash(allOf(folder))).toBe(hash(bytes));
});

test('adds no newline at the end', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  await (await attachStream(logs)).finish('no newline here');
  expect(allOf(folder).toString()).toBe('no newline here');
});

test('writes complete lines at once, and an unfinished one when its pipe ends', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  await stream.write('complete\nunfin');
  await eventually(() => expect(allOf(folder).toString()).toBe('complete\n'));
  await stream.finish('ished');
  expect(allOf(folder).toString()).toBe('complete\nunfinished');
});

test('writes an unfinished line that grows after a second', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  const dots = setInterval(() => stream.end.write('.'), 50);
  onTestFinished(() => clearInterval(dots));
  await eventually(() => expect(allOf(folder).toString()).toMatch(/^\.{10,}$/));
});

test('keeps what many small writes leave of a line in one piece', async () => {
  let passed = Buffer.alloc(0);
  const held = { bytes: 0 };
  const lines = new Lines(held, (bytes) => {
    passed = Buffer.concat([passed, bytes]);
  });
  const bytes = randomBytes(300_000).map((byte) => (byte === 10 ? 11 : byte));
  for (const byte of bytes) lines.push(Buffer.from([byte]));
  expect(held.bytes).toBe(512 * 1024);
  lines.push(Buffer.from('end\n'));
  expect(passed.equals(Buffer.concat([bytes, Buffer.from('end\n')]))).toBe(true);
  expect(held.bytes).toBe(0);
});

test('writes an unfinished line after a second', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  const start = performance.now();
  await stream.write('password: ');
  await eventually(() => expect(allOf(folder).toString()).toBe('password: '));
  expect(performance.now() - start).toBeGreaterThan(900);
});

test('holds no more than 1 MiB of an unfinished line', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  await stream.write('x'.repeat(1024 * 1024));
  await eventually(() => expect(allOf(folder).length).toBe(1024 * 1024));
});

test('does not mix the lines of two workers that write them piece by piece', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 5000 });
  const texts = ['a', 'b', 'c'].map((name) => numberedLines(name, 200, 90));
  const streams = await Promise.all(texts.map(() => attachStream(logs)));
  for (let at = 0; at < texts[0]!.length; at += 37) {
    await Promise.all(streams.map((stream, index) => stream.write(texts[index]!.slice(at, at + 37))));
  }
  await Promise.all(streams.map((stream) => stream.finish()));
  await logs.close(1000);
  expect(faults(allOf(folder), ['a', 'b', 'c'], 200, 90)).toEqual([]);
});

test('has written everything when close resolves, of pipes that end only then too', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  const text = numberedLines('l', 20_000, 90);
  const closing = logs.close(10_000);
  await stream.finish(text);
  await closing;
  expect(faults(allOf(folder), ['l'], 20_000, 90)).toEqual([]);
});

test('reads a pipe that stays open until the deadline of close, and no longer', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  await stream.write('line\nunfinished');
  await logs.close(200);
  await stream.ended;
  expect(allOf(folder).toString()).toBe('line\nunfinished');
});

test('reads a pipe that ended before it came', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachEnded(logs, 'last words');
  await stream.ended;
  expect(allOf(folder).toString()).toBe('last words');
}, 10_000);

test('takes the reset of a pipe for its end', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  await stream.write('last words');
  stream.end.destroy();
  await stream.ended;
  expect(allOf(folder).toString()).toBe('last words');
});

test('reads on, and opens nothing, when a log is disabled', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { stdout: '/dev/null', stderr: '/dev/null', daemon: '/dev/null' });
  logs.note('info', 'for nobody');
  await (await attachStream(logs)).finish(Buffer.alloc(5_000_000, 'x\n'));
  const stream = await attachStream(logs, 'stderr');
  await stream.finish('why it failed\n');
  expect(await logs.lastLines(stream.worker, 0)).toEqual(['why it failed']);
  await logs.close(1000);
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('knows the last 20 stderr lines of each worker', async () => {
  const logs = await openIn(temporaryFolder());
  const one = await attachStream(logs, 'stderr');
  const two = await attachStream(logs, 'stderr');
  await one.finish(`${numberedLines('one', 3000, 200)}Error: no newline`);
  await two.finish('  at file.js:1\r\n\n  at file.js:2\n');
  const filler = 'x'.repeat(200);
  const last = Array.from({ length: 19 }, (_, index) => `one ${2981 + index} ${filler}`);
  expect(await logs.lastLines(one.worker, 0)).toEqual([...last, 'Error: no newline']);
  expect(await logs.lastLines(two.worker, 0)).toEqual(['  at file.js:1', '', '  at file.js:2']);
  expect(await logs.lastLines(-1, 10_000)).toEqual([]);
});

test('waits for the end of the stderr before it shows the last lines, but not for ever', async () => {
  const logs = await openIn(temporaryFolder());
  const stream = await attachStream(logs, 'stderr');
  const lines = logs.lastLines(stream.worker, 10_000);
  await stream.write('first\n');
  await stream.finish('second\n');
  expect(await lines).toEqual(['first', 'second']);
  const open = await attachStream(logs, 'stderr');
  await open.write('so far\n');
  expect(await logs.lastLines(open.worker, 200)).toEqual(['so far']);
});

test('shows the newest whole lines when 20 of them are longer than what is remembered', async () => {
  const logs = await openIn(temporaryFolder());
  const stream = await attachStream(logs, 'stderr');
  await stream.finish(numberedLines('long', 30, 5000));
  const filler = 'x'.repeat(5000);
  expect(await logs.lastLines(stream.worker, 0)).toEqual([27, 28, 29].map((index) => `long ${index} ${filler}`));
});

test('writes JSON lines with time, slot, pid and stream, and the exact bytes of what is not UTF-8', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { format: 'json' }, { now: () => Date.UTC(2026, 10, 22) });
  const stream = await attachStream(logs, 'stderr', 3);
  await stream.finish(
    Buffer.concat([Buffer.from('héllo "you"\n\n'), Buffer.from([0xff, 0x00, 10]), Buffer.from('end')]),
  );
  const lines = allOf(folder, 'stderr.log').toString().trimEnd().split('\n');
  const about = { time: '2026-11-22T00:00:00.000Z', slot: 3, pid: 1000 + stream.worker, stream: 'stderr' };
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { ...about, line: 'héllo "you"' },
    { ...about, line: '' },
    { ...about, line: '\ufffd\u0000', base64: '/wA=' },
    { ...about, line: 'end', partial: true },
  ]);
});

const count = { booting: 1, online: 2, dying: 3, new_online: 4 };
const time = '2026-11-22T10:15:30.123Z';

test('writes one event of the daemon per line, after time and level', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, {}, { now: () => Date.parse(time) });
  const event = { count, waitingFor: null, time, seq: 1 };
  logs.event({ ...event, event: 'SpawnNew' });
  logs.event({ ...event, event: 'WorkerDeath', worker: { slot: 0, pid: 12, exitCode: 1 }, note: 'two\nlines' });
  logs.event({ ...event, event: 'OldExit', worker: { slot: 1, pid: 13, signal: 'SIGKILL' } });
  logs.note('warn', 'something else');
  await logs.close(1000);
  const counts = 'booting: 1, online: 2, dying: 3, new_online: 4';
  expect(allOf(folder, 'naught.log').toString().split('\n')).toEqual([
    `${time} info SpawnNew. ${counts}`,
    `${time} warn WorkerDeath. ${counts} worker: 0 (pid 12) exit code: 1 - two lines`,
    `${time} info OldExit. ${counts} worker: 1 (pid 13) signal: SIGKILL`,
    `${time} warn something else`,
    '',
  ]);
});

test('writes events and notes as JSON lines', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { format: 'json' }, { now: () => Date.parse(time) });
  logs.event({ event: 'Ready', count, waitingFor: null, time, seq: 7 });
  logs.note('error', 'a\nb');
  await logs.close(1000);
  const lines = allOf(folder, 'naught.log').toString().trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', event: 'Ready', count, waitingFor: null, time, seq: 7 },
    { level: 'error', time, note: 'a\nb' },
  ]);
});

test('loses no note of a burst, and rotates and keeps their order', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 2000 });
  for (let index = 0; index < 1000; index++) logs.note('info', `note ${index}`);
  await logs.close(1000);
  logs.note('info', 'after close: dropped without a fault');
  const notes = allOf(folder, 'naught.log').toString().trimEnd().split('\n');
  expect(notes.map((line) => line.split(' info ')[1])).toEqual(
    Array.from({ length: 1000 }, (_, index) => `note ${index}`),
  );
});

test('refuses - for a log in daemon mode, where there is no stream of a command', async () => {
  const config = {
    daemon: '-',
    stdout: '/dev/null',
    stderr: '/dev/null',
    maxSize: 1,
    keep: null,
    format: 'plain',
  } as const;
  expect(() => new Logs(config, { foreground: false })).toThrow('only in the foreground');
});
