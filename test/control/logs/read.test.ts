import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Logs } from '../../../src/daemon/control/logs/index.ts';
import type { LogLine, LogsParams } from '../../../src/protocol/log-schemas.ts';
import {
  archives,
  attachStream,
  diskError,
  diskWith,
  drain,
  eventually,
  never,
  numberedLines,
  openIn,
  temporaryFolder,
} from './helpers.ts';

async function linesOf(logs: Logs, params: LogsParams): Promise<string[]> {
  const { events, end } = await drain(logs.read(params, never));
  expect(end).toEqual({ lines: events.length, skipped: 0 });
  return events.map((event) => (event as LogLine).line);
}

const numbered = (name: string, from: number, to: number, width = 90) =>
  numberedLines(name, to, width).trimEnd().split('\n').slice(from);

test('gives the last lines over archives, gzipped and plain, as many as are asked for', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 5000 });
  const stream = await attachStream(logs);
  await stream.write(numberedLines('l', 1000, 90));
  await stream.finish();
  await eventually(() => expect(archives(folder).every((file) => file.endsWith('.gz'))).toBe(true));
  // As when the machine went down before the gzip: one is still plain.
  const [first = '', second = ''] = archives(folder).slice(-2);
  fs.writeFileSync(path.join(folder, second.slice(0, -3)), gunzipSync(fs.readFileSync(path.join(folder, second))));
  fs.rmSync(path.join(folder, second));
  expect(first).toMatch(/gz$/);
  for (const count of [1, 10, 51, 60, 107, 160, 999, 1000, 1001]) {
    expect(await linesOf(logs, { stream: 'stdout', lines: count })).toEqual(
      numbered('l', Math.max(0, 1000 - count), 1000),
    );
  }
  expect(await linesOf(logs, { stream: 'stdout', lines: 'all' })).toEqual(numbered('l', 0, 1000));
  expect(await linesOf(logs, { stream: 'stdout', lines: 0 })).toEqual([]);
  expect(await linesOf(logs, {})).toEqual(numbered('l', 900, 1000));
});

test('gives stdout, then stderr, then nothing of a log that has no lines', async () => {
  const logs = await openIn(temporaryFolder());
  expect(await linesOf(logs, {})).toEqual([]);
  await (await attachStream(logs, 'stderr')).finish('e1\ne2\n');
  await (await attachStream(logs, 'stdout')).finish('o1\n\no2\n');
  expect(await linesOf(logs, { lines: 2 })).toEqual(['', 'o2', 'e1', 'e2']);
  expect(await linesOf(logs, { stream: 'stderr', lines: 1 })).toEqual(['e2']);
});

test('gives the exact bytes of what is not UTF-8, and says where no newline follows', async () => {
  const logs = await openIn(temporaryFolder());
  await (await attachStream(logs)).finish(
    Buffer.concat([Buffer.from('héllo\n'), Buffer.from([0xff, 0, 10]), Buffer.from('end')]),
  );
  const { events } = await drain(logs.read({ lines: 5 }, never));
  expect(events).toEqual([
    { event: 'Line', stream: 'stdout', line: 'héllo' },
    { event: 'Line', stream: 'stdout', line: '\ufffd\u0000', base64: '/wA=' },
    { event: 'Line', stream: 'stdout', line: 'end', partial: true },
  ]);
});

test('gives random bytes back whole', async () => {
  const folder = temporaryFolder();
  const bytes = randomBytes(3_000_000);
  const logs = await openIn(folder, { maxSize: 100_000 });
  await (await attachStream(logs)).finish(bytes);
  const { events } = await drain(logs.read({ lines: 'all' }, never));
  const read = events.map((event) => {
    const { line, base64, partial } = event as LogLine;
    const content = base64 === undefined ? Buffer.from(line) : Buffer.from(base64, 'base64');
    return partial ? content : Buffer.concat([content, Buffer.from('\n')]);
  });
  expect(Buffer.concat(read).equals(bytes)).toBe(true);
});

test('tells the lines of a worker apart in JSON, counts those alone, and merges stdout and stderr by time', async () => {
  let time = Date.UTC(2026, 10, 22);
  const logs = await openIn(temporaryFolder(), { format: 'json', maxSize: 2000 }, { now: () => time++ });
  const out = [await attachStream(logs, 'stdout', 0), await attachStream(logs, 'stdout', 1)];
  const err = await attachStream(logs, 'stderr', 1);
  for (let index = 0; index < 40; index++) {
    for (const [slot, stream] of out.entries()) await wrote(logs, stream, `out${slot} ${index}\n`);
    await wrote(logs, err, `err ${index}\n`);
  }
  expect(await linesOf(logs, { lines: 2 })).toEqual(['out0 39', 'out1 39', 'err 38', 'err 39'].sort(byTurn));
  expect(await linesOf(logs, { lines: 30, worker: 0 })).toEqual(
    Array.from({ length: 30 }, (_, at) => `out0 ${at + 10}`),
  );
  const { events } = await drain(logs.read({ lines: 1, worker: 1, stream: 'stderr' }, never));
  expect(events).toMatchObject([
    { slot: 1, stream: 'stderr', line: 'err 39', time: expect.stringMatching(/^2026-11-22T/) },
  ]);
  expect(await linesOf(logs, { lines: 'all', worker: 7 })).toEqual([]);
});

/** out0 n, out1 n, err n is the order in which they were written. */
function byTurn(a: string, b: string): number {
  const turn = (line: string) =>
    Number(line.split(' ')[1]) * 3 + ['out0', 'out1', 'err'].indexOf(line.split(' ')[0] ?? '');
  return turn(a) - turn(b);
}

/** Writes, and waits until a follower has seen it. */
async function wrote(logs: Logs, stream: { write(text: string): Promise<void> }, text: string): Promise<void> {
  const call = logs.read({ lines: 0, follow: true }, never);
  await call.next();
  await stream.write(text);
  await call.next();
  await call.return(undefined as never);
}

test.each([
  [{ worker: 0 }, {}, 'lines-not-kept', /--log-format json, or read only what is written from now on/],
  [{ stream: 'stdout' as const }, { stdout: '/dev/null' }, 'lines-not-kept', /started with --stdout \/dev\/null/],
  [{ stream: 'stderr' as const }, { stderr: '-' }, 'lines-not-kept', /started with --stderr -/],
  [{ stream: 'daemon' as const, worker: 0 }, {}, 'invalid-params', /daemon's own log/],
  [{}, { stdout: '/dev/null', stderr: '/dev/null' }, 'lines-not-kept', /stdout and stderr/],
])('refuses %j of %j', async (params, config, kind, message) => {
  const logs = await openIn(temporaryFolder(), config);
  await expect(logs.read(params, never).next()).rejects.toMatchObject({
    kind,
    message: expect.stringMatching(message),
  });
});

test('reads an archive that is gzipped or removed between two looks', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const names = ['stdout-2026-11-22T10-15-30-123Z.log', 'stdout-2026-11-22T10-15-30-124Z.log'];
  for (const [index, name] of names.entries())
    fs.writeFileSync(path.join(folder, name), numberedLines(`a${index}`, 2000, 90));
  await (await attachStream(logs)).finish('last\n');
  const call = logs.read({ stream: 'stdout', lines: 'all' }, never);
  expect((await call.next()).value).toMatchObject({ line: expect.stringMatching(/^a0 0 /) });
  const plain = path.join(folder, names[1]!);
  fs.writeFileSync(`${plain}.gz`, gzipSync(fs.readFileSync(plain)));
  fs.rmSync(plain);
  expect((await drain(call)).end).toEqual({ lines: 4001, skipped: 0 });
  const again = logs.read({ stream: 'stdout', lines: 'all' }, never);
  await again.next();
  fs.rmSync(`${plain}.gz`);
  expect((await drain(again)).end).toEqual({ lines: 2001, skipped: 0 });
});

test('goes on past an archive that cannot be read, or not to its end, and says so', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 5000 });
  const stream = await attachStream(logs);
  await stream.finish(numberedLines('l', 300, 90));
  await eventually(() => expect(archives(folder).every((file) => file.endsWith('.gz'))).toBe(true));
  const [first = '', second = '', third = ''] = archives(folder).map((name) => path.join(folder, name));
  const lineCount = (file: string) => gunzipSync(fs.readFileSync(file)).toString().split('\n').length - 1;
  const inFirst = lineCount(first);
  const lost = [second, third].reduce((sum, file) => sum + lineCount(file), 0);
  fs.writeFileSync(second, 'no gzip');
  fs.writeFileSync(third, fs.readFileSync(third).subarray(0, 100));
  for (const lines of ['all', 300 - lost + 1] as const) {
    const { events, end } = await drain(logs.read({ stream: 'stdout', lines }, never));
    const told = events.flatMap((event) => (event.event === 'Unreadable' ? [event.file] : []));
    expect(told).toEqual([second, third].map((file) => file.slice(0, -3)));
    const read = events.flatMap((event) => (event.event === 'Line' ? [event.line] : []));
    expect(end).toEqual({ lines: read.length, skipped: 0 });
    expect(read).toEqual(expect.arrayContaining([...numbered('l', 0, inFirst), ...numbered('l', inFirst + lost, 300)]));
  }
});

test('tells of what waits in memory, because the log cannot be written', async () => {
  const folder = temporaryFolder();
  let full = false;
  const writeSync = ((...args: Parameters<typeof fs.writeSync>) => {
    if (full) throw diskError('ENOSPC');
    return fs.writeSync(...args);
  }) as typeof fs.writeSync;
  const logs = await openIn(folder, {}, { fs: diskWith({ writeSync }) });
  const stream = await attachStream(logs);
  await stream.write('on disk\n');
  await eventually(() => expect(fs.readFileSync(path.join(folder, 'stdout.log'), 'utf8')).toBe('on disk\n'));
  full = true;
  await stream.write('in memory\n');
  await eventually(async () => {
    const { events } = await drain(logs.read({ stream: 'stdout' }, never));
    expect(events).toEqual([
      { event: 'Line', stream: 'stdout', line: 'on disk' },
      { event: 'Waiting', log: path.join(folder, 'stdout.log'), bytes: 10 },
    ]);
  });
});
