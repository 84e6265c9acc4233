import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  allOf,
  attachStream,
  diskError,
  diskWith,
  eventually,
  faults,
  numberedLines,
  openIn,
  temporaryFolder,
} from './helpers.ts';

/** A disk that refuses to write to the log while `full`; it takes `room` bytes before. */
function smallDisk() {
  const disk = {
    full: false,
    room: Number.POSITIVE_INFINITY,
    code: 'ENOSPC',
    fs: diskWith({
      writeSync: ((fd: number, bytes: Buffer, from: number, length = bytes.length - from) => {
        const taken = Math.min(length, disk.full ? disk.room : Number.POSITIVE_INFINITY);
        if (taken === 0) throw diskError(disk.code, 'no space left on device');
        disk.room -= taken;
        return fs.writeSync(fd, bytes, from, taken);
      }) as unknown as typeof fs.writeSync,
    }),
  };
  return disk;
}

test('waits for a full disk without loss, and says when it was full', async () => {
  const folder = temporaryFolder();
  const disk = smallDisk();
  const logs = await openIn(folder, { maxSize: 50_000 }, { fs: disk.fs });
  const stream = await attachStream(logs);
  Object.assign(disk, { full: true, room: 12_345 });
  await stream.write(numberedLines('d', 5000, 90));
  await stream.finish();
  expect(allOf(folder)).toHaveLength(12_345);
  disk.full = false;
  await logs.close(5000);
  expect(faults(allOf(folder), ['d'], 5000, 90)).toEqual([]);
  const notes = fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');
  expect(notes).toMatch(/error cannot write to \S+stdout.log, trying again: no space left on device\n/);
  expect(notes).toMatch(/info \S+stdout.log can be written again\n/);
});

test('drops whole lines when memory runs out, says how many bytes and where, and keeps memory bounded', async () => {
  const folder = temporaryFolder();
  const disk = smallDisk();
  const logs = await openIn(folder, { maxSize: 1e9 }, { fs: disk.fs });
  const stream = await attachStream(logs);
  await stream.write('begin\n');
  await eventually(() => expect(allOf(folder)).toHaveLength(6));
  Object.assign(disk, { full: true, room: 0 });
  const sent = `${'x'.repeat(999)}\n`.repeat(1000);
  for (let megabyte = 0; megabyte < 60; megabyte++) await stream.write(sent);
  disk.full = false;
  await eventually(() => expect(fs.readFileSync(path.join(folder, 'naught.log'), 'utf8')).toContain('dropped'));
  await stream.finish('the end\n');
  await logs.close(1000);
  const notes = fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');
  const dropped = Number(/can be written again, but (\d+) bytes of it were dropped/.exec(notes)?.[1]);
  const lines = allOf(folder).toString().trimEnd().split('\n');
  const whole = lines.filter((line) => line === 'x'.repeat(999)).length;
  expect(dropped + whole * 1000).toBe(60_000_000);
  expect(dropped).toBeGreaterThan(20_000_000);
  const others = lines.filter((line) => !line.startsWith('xxx'));
  expect(others).toEqual([
    'begin',
    expect.stringMatching(
      new RegExp(`warn naught dropped ${dropped} bytes of this log here: no space left on device$`),
    ),
    'the end',
  ]);
});

test('goes on after a disk that is really full', async ({ skip }) => {
  const folder = temporaryFolder();
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
  if (mount.status !== 0) skip(`this user may not mount a tmpfs: ${mount.stderr}`);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  const filler = path.join(folder, 'filler');
  fs.writeFileSync(filler, Buffer.alloc(150_000));
  const logs = await openIn(folder, { daemon: '/dev/null' });
  const stream = await attachStream(logs);
  const lines = 1500;
  await stream.write(numberedLines('t', lines, 90));
  await stream.finish();
  expect(allOf(folder).length).toBeLessThan(lines * 90);
  fs.unlinkSync(filler);
  await logs.close(5000);
  expect(faults(allOf(folder), ['t'], lines, 90)).toEqual([]);
});

test('reports at close what a disk that stays full has cost', async () => {
  const folder = temporaryFolder();
  const writeSync = ((fd: number, bytes: Buffer, ...rest: number[]) => {
    if (bytes.includes('of a worker')) throw diskError('ENOSPC');
    return fs.writeSync(fd, bytes, ...rest);
  }) as unknown as typeof fs.writeSync;
  const logs = await openIn(folder, {}, { fs: diskWith({ writeSync }) });
  await (await attachStream(logs)).finish('line of a worker\n');
  await logs.close(100);
  const notes = fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');
  expect(notes).toContain(`17 bytes could not be written to ${path.join(folder, 'stdout.log')} and are lost`);
});

test.each(['EIO', 'EDQUOT', 'EACCES'])('no write error ends a log: %s', async (code) => {
  const folder = temporaryFolder();
  const disk = smallDisk();
  disk.code = code;
  const logs = await openIn(folder, {}, { fs: disk.fs });
  const stream = await attachStream(logs);
  Object.assign(disk, { full: true, room: 0 });
  await stream.write('one\n');
  await stream.write('two\n');
  logs.note('info', 'the daemon goes on');
  await stream.finish();
  disk.full = false;
  await logs.close(5000);
  expect(allOf(folder).toString()).toBe('one\ntwo\n');
  expect(fs.readFileSync(path.join(folder, 'naught.log'), 'utf8')).toContain('the daemon goes on');
});

test('a full disk under the daemon log itself tears no line', async () => {
  const folder = temporaryFolder();
  const disk = smallDisk();
  const logs = await openIn(folder, {}, { fs: disk.fs });
  logs.note('info', 'first');
  await eventually(() => expect(allOf(folder, 'naught.log').toString()).toContain('first\n'));
  Object.assign(disk, { full: true, room: 10 });
  logs.note('info', 'second');
  logs.note('info', 'third');
  await eventually(() => expect(disk.room).toBe(0));
  disk.full = false;
  await logs.close(5000);
  const notes = allOf(folder, 'naught.log').toString().trimEnd().split('\n');
  expect(notes.map((line) => line.replace(/^\S+ \w+ /, '').replace(/to .*/, ''))).toEqual([
    'first',
    'second',
    'third',
    'cannot write ',
    expect.stringContaining('can be written again'),
  ]);
});

test('waits for the slow reader of its own stream without loss', async () => {
  const folder = temporaryFolder();
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const { O_RDONLY, O_WRONLY, O_NONBLOCK } = fs.constants;
  const reader = fs.openSync(fifo, O_RDONLY | O_NONBLOCK);
  const writer = fs.openSync(fifo, O_WRONLY | O_NONBLOCK);
  const logs = await openIn(folder, { stdout: '-' }, { stdout: writer });
  const lines = 5000;
  await (await attachStream(logs)).finish(numberedLines('s', lines, 90));
  const closing = logs.close(10_000).then(() => fs.closeSync(writer));
  const received: Buffer[] = [];
  for (let length = -1; length !== 0; ) {
    const bytes = Buffer.alloc(65_536);
    try {
      length = fs.readSync(reader, bytes);
      received.push(bytes.subarray(0, length));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      await new Promise(setImmediate);
    }
  }
  await closing;
  fs.closeSync(reader);
  expect(faults(Buffer.concat(received), ['s'], lines, 90)).toEqual([]);
  expect(fs.readFileSync(path.join(folder, 'naught.log'), 'utf8')).toBe('');
});

test('goes on when nobody reads its own stream any more', async () => {
  const folder = temporaryFolder();
  const writeSync = (() => {
    throw diskError('EPIPE');
  }) as typeof fs.writeSync;
  const logs = await openIn(folder, { stdout: '-', daemon: '/dev/null' }, { fs: diskWith({ writeSync }) });
  await (await attachStream(logs)).finish('for nobody\n');
  await logs.close(0);
});
