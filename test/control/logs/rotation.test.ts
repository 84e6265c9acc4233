import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  allOf,
  archives,
  attachStream,
  contents,
  diskWith,
  eventually,
  faults,
  numberedLines,
  openIn,
  temporaryFolder,
} from './helpers.ts';

const archiveName = /^stdout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.log\.gz$/;

test('rotates at the end of the line that passes the size, exactly', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 300 });
  const stream = await attachStream(logs);
  // 3 lines are 300 bytes, which is the size and not past it.
  await stream.finish(`${'a'.repeat(99)}\n`.repeat(10));
  await logs.close(1000);
  expect(contents(folder).map((bytes) => bytes.length)).toEqual([400, 400, 200]);
});

test('rotates as soon as the size is passed, names the archive by date and time, and gzips it', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 300 });
  const stream = await attachStream(logs);
  const before = Date.now();
  await stream.write(`${'a'.repeat(500)}\n`);
  await eventually(() => expect(archives(folder)).toEqual([expect.stringMatching(archiveName)]));
  expect(fs.statSync(path.join(folder, 'stdout.log')).size).toBe(0);
  const [date, time] = archives(folder)[0]!.slice('stdout-'.length, -'Z.log.gz'.length).split('T');
  const [hour, minute, second, millisecond] = time!.split('-');
  const stamp = Date.parse(`${date}T${hour}:${minute}:${second}.${millisecond}Z`);
  expect(stamp).toBeGreaterThanOrEqual(before);
  expect(stamp).toBeLessThanOrEqual(Date.now());
});

test('does not rotate in the middle of a line, however long it is', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 1000 });
  const stream = await attachStream(logs);
  const line = 'b'.repeat(3_000_000);
  await stream.finish(`${line}\nnext\n`);
  await logs.close(1000);
  expect(contents(folder).map(String)).toEqual([`${line}\n`, 'next\n']);
});

test('rotates after the last bytes of a worker even without a newline', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 300 });
  await (await attachStream(logs)).finish('c'.repeat(301));
  expect(archives(folder)).toHaveLength(1);
});

test('keeps every line of four workers whole and once over 200 rotations', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { maxSize: 100 * 1024 });
  const names = ['w0', 'w1', 'w2', 'w3'];
  const lines = 52_000;
  await Promise.all(names.map(async (name) => (await attachStream(logs)).finish(numberedLines(name, lines, 90))));
  await logs.close(5000);
  expect(archives(folder).length).toBeGreaterThan(200);
  expect(faults(allOf(folder), names, lines, 90)).toEqual([]);
});

test('gzips one archive at a time, and all of them in the end', async () => {
  const folder = temporaryFolder();
  let parts = 0;
  const logs = await openIn(
    folder,
    { maxSize: 1000 },
    {
      fs: diskWith({
        createWriteStream: ((...args: Parameters<typeof fs.createWriteStream>) => {
          parts = Math.max(parts, fs.readdirSync(folder).filter((file) => file.endsWith('.part')).length);
          return fs.createWriteStream(...args);
        }) as typeof fs.createWriteStream,
      }),
    },
  );
  await (await attachStream(logs)).finish(numberedLines('z', 200, 90));
  await eventually(() => expect(archives(folder).filter((file) => !file.endsWith('.gz'))).toEqual([]));
  expect(parts).toBe(1);
  expect(fs.readdirSync(folder).filter((file) => /\.(part|new)$/.test(file))).toEqual([]);
  expect(faults(allOf(folder), ['z'], 200, 90)).toEqual([]);
});

test('never gives two archives the same name, with a clock that stands still or is set back', async () => {
  const folder = temporaryFolder();
  const noon = Date.UTC(2026, 10, 22, 12);
  let now = noon;
  const logs = await openIn(folder, { maxSize: 10, keep: 3 }, { now: () => now });
  const stream = await attachStream(logs);
  await stream.write('line one of it\nline two of it\n');
  await eventually(() => expect(archives(folder)).toHaveLength(2));
  expect(archives(folder).map((file) => file.slice(0, 31))).toEqual([
    'stdout-2026-11-22T12-00-00-000Z',
    'stdout-2026-11-22T12-00-00-001Z',
  ]);
  now = noon - 3_600_000;
  await stream.finish('line three of it\nline four of it\n');
  await logs.close(1000);
  // Of four, the oldest by order is gone, and not the ones with the earliest names.
  expect(allOf(folder).toString().split('\n').sort().slice(1)).toEqual([
    'line four of it',
    'line three of it',
    'line two of it',
  ]);
});

test('appends to a file that is there, and counts its size', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'stdout.log'), `${'o'.repeat(290)}\n`);
  const logs = await openIn(folder, { maxSize: 300 });
  await (await attachStream(logs)).finish('a new line\n');
  await logs.close(1000);
  expect(contents(folder).map(String)).toEqual([`${'o'.repeat(290)}\na new line\n`, '']);
});

test('a poller finds the current log at every instant', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  let seen = 0;
  const look = <T extends (...args: never[]) => unknown>(call: T): T =>
    ((...args: never[]) => {
      const result = call(...args);
      if (fs.existsSync(current)) {
        fs.readFileSync(current);
        seen++;
      } else if (seen > 0) throw new Error('the log is missing');
      return result;
    }) as T;
  const logs = await openIn(
    folder,
    { maxSize: 1000 },
    {
      // Every state of the folder that another process can find lies between two of these calls.
      fs: diskWith({
        linkSync: look(fs.linkSync),
        renameSync: look(fs.renameSync),
        unlinkSync: look(fs.unlinkSync),
        openSync: look(fs.openSync) as typeof fs.openSync,
        writeSync: look(fs.writeSync) as typeof fs.writeSync,
      }),
    },
  );
  await (await attachStream(logs)).finish(numberedLines('p', 1000, 90));
  expect(archives(folder).length).toBeGreaterThan(80);
  expect(fs.existsSync(path.join(folder, 'naught.log'))).toBe(true);
  await logs.close(1000);
  expect(fs.readFileSync(path.join(folder, 'naught.log'), 'utf8')).toBe('');
});

test('keeps the mode of the log for the next one and for the archive', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  fs.writeFileSync(current, '');
  fs.chmodSync(current, 0o640);
  const logs = await openIn(folder, { maxSize: 10 });
  await (await attachStream(logs)).finish('a line that is long enough\n');
  await logs.close(1000);
  const [archive] = archives(folder);
  for (const file of [current, path.join(folder, archive!)]) expect(fs.statSync(file).mode & 0o777).toBe(0o640);
});

test.each(['no extension', 'with space.log', '%DATE%.log', 'a:b|c*?"<>.log', '.hidden', 'two.dots.log', 'ünï.log'])(
  'rotates a log of the name %s',
  async (name) => {
    const folder = path.join(temporaryFolder(), 'made', 'for it: %DATE%');
    const logs = await openIn(folder, { stdout: path.join(folder, name), maxSize: 10 });
    await (await attachStream(logs)).finish('a line that is long enough\nshort\n');
    await logs.close(1000);
    expect(archives(folder, name)).toHaveLength(1);
    expect(contents(folder, name).map(String)).toEqual(['a line that is long enough\n', 'short\n']);
  },
);

test('keeps the newest archives, and touches no name that is not ours', async () => {
  const folder = temporaryFolder();
  const others = [
    'stdout-old.log',
    'stdout-2020-01-01.log.gz',
    'stderr-2020-01-01T00-00-00-000Z.log.gz',
    'stdout.log.1',
  ];
  for (const file of others) fs.writeFileSync(path.join(folder, file), 'not ours');
  fs.writeFileSync(path.join(folder, 'stdout-2020-01-01T00-00-00-000Z.log.gz'), 'ours');
  const logs = await openIn(folder, { maxSize: 10, keep: 2 });
  const lines = ['one', 'two', 'three', 'four'].map((word) => `the line of number ${word}\n`);
  await (await attachStream(logs)).finish(lines.join(''));
  await logs.close(1000);
  const ours = archives(folder).filter((file) => archiveName.test(file));
  expect(ours.map((file) => gunzipSync(fs.readFileSync(path.join(folder, file))).toString())).toEqual(lines.slice(2));
  for (const file of others) expect(fs.readFileSync(path.join(folder, file), 'utf8')).toBe('not ours');
});

test('two logs at one path are one log', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { stderr: path.join(folder, 'stdout.log'), maxSize: 5000 });
  await Promise.all([
    (await attachStream(logs, 'stdout')).finish(numberedLines('out', 500, 90)),
    (await attachStream(logs, 'stderr')).finish(numberedLines('err', 500, 90)),
  ]);
  await logs.close(1000);
  expect(faults(allOf(folder), ['out', 'err'], 500, 90)).toEqual([]);
});

test('a symbolic link stays one; its target is rotated beside itself', async () => {
  const folder = temporaryFolder();
  const target = temporaryFolder();
  fs.symlinkSync(path.join(target, 'real.log'), path.join(folder, 'stdout.log'));
  const logs = await openIn(folder, { maxSize: 10 });
  await (await attachStream(logs)).finish('a line that is long enough\nshort\n');
  await logs.close(1000);
  expect(fs.lstatSync(path.join(folder, 'stdout.log')).isSymbolicLink()).toBe(true);
  expect(contents(target, 'real.log').map(String)).toEqual(['a line that is long enough\n', 'short\n']);
});
