import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { archives, attachStream, diskWith, eventually, openIn, temporaryFolder } from './helpers.ts';

const line = 'a line that is long enough\n';
const notesIn = (folder: string) => fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');

/** A folder, and a file in another one that nobody who writes to the first may touch. */
function folderAndVictim() {
  const victim = path.join(temporaryFolder(), 'victim');
  fs.writeFileSync(victim, 'precious', { mode: 0o600 });
  const isWhole = () => {
    expect(fs.readFileSync(victim, 'utf8')).toBe('precious');
    expect(fs.statSync(victim).mode & 0o777).toBe(0o600);
  };
  return { folder: temporaryFolder(), victim, isWhole };
}

test('writes a gzip into no file that somebody has put at its name', async () => {
  const { folder, victim, isWhole } = folderAndVictim();
  const names: string[] = [];
  const openSync = ((file: string, ...args: [number, number]) => {
    if (file.endsWith('.part')) {
      names.push(file);
      if (names.length === 1) fs.symlinkSync(victim, file);
    }
    return fs.openSync(file, ...args);
  }) as typeof fs.openSync;
  const logs = await openIn(folder, { maxSize: 10, daemon: '/dev/null' }, { fs: diskWith({ openSync }) });
  await (await attachStream(logs)).finish(line + line);
  await eventually(() =>
    expect(archives(folder)).toEqual([expect.stringMatching(/log$/), expect.stringMatching(/gz$/)]),
  );
  const [first, second] = names.map((name) => /-([0-9a-f]{16})\.part$/.exec(name)?.[1]);
  expect(first).toBeDefined();
  expect(second).not.toBe(first);
  isWhole();
});

test('gives owner and mode to the file that it has made, whatever is at its name by then', async () => {
  const { folder, victim, isWhole } = folderAndVictim();
  const swap = (file: string) => {
    fs.rmSync(file);
    fs.symlinkSync(victim, file);
  };
  // In the midst of a gzip, and between the lock of a rotation and its chown.
  const fsync = ((fd: number, done: () => void) => {
    for (const name of fs.readdirSync(folder)) if (name.endsWith('.part')) swap(path.join(folder, name));
    fs.fsync(fd, done);
  }) as typeof fs.fsync;
  const statSync = ((file: string, options: fs.StatSyncOptions) => {
    const fresh = path.join(folder, '.stdout.log.new');
    if (file === path.join(folder, 'stdout.log') && fs.lstatSync(fresh, { throwIfNoEntry: false })?.isFile())
      swap(fresh);
    return fs.statSync(file, options);
  }) as typeof fs.statSync;
  fs.writeFileSync(path.join(folder, 'stdout.log'), '');
  fs.chmodSync(path.join(folder, 'stdout.log'), 0o666);
  const logs = await openIn(folder, { maxSize: 10 }, { fs: diskWith({ fsync, statSync }) });
  await (await attachStream(logs)).finish(line);
  await eventually(() => expect(archives(folder)[0]).toMatch(/gz$/));
  isWhole();
});

test.each([
  ['that anybody may write to', 0o1777],
  ['that its group may write to', 0o770],
])('follows no link in a folder %s, and says so', async (_, mode) => {
  const { folder, victim, isWhole } = folderAndVictim();
  fs.chmodSync(folder, mode);
  fs.symlinkSync(victim, path.join(folder, 'stdout.log'));
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  await stream.write(line);
  await eventually(() =>
    expect(notesIn(folder)).toMatch(/stdout\.log is a symbolic link in a folder that others may write to/),
  );
  isWhole();
  fs.rmSync(path.join(folder, 'stdout.log'));
  await eventually(() => expect(fs.readFileSync(path.join(folder, 'stdout.log'), 'utf8')).toBe(line));
});

test('follows a link of its own folder, and makes the file that it leads to', async () => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'there'));
  fs.symlinkSync('there/link', path.join(folder, 'stdout.log'));
  fs.symlinkSync('real.log', path.join(folder, 'there/link'));
  const logs = await openIn(folder);
  await (await attachStream(logs)).finish(line);
  expect(fs.readFileSync(path.join(folder, 'there/real.log'), 'utf8')).toBe(line);
  fs.chmodSync(path.join(folder, 'there'), 0o777);
  await logs.reopen();
  await eventually(() =>
    expect(notesIn(folder)).toMatch(/link is a symbolic link in a folder that others may write to/),
  );
});

test('waits for nobody who has put a FIFO among the archives', async () => {
  const folder = temporaryFolder();
  const [fifo, other] = [1, 2].map((second) => path.join(folder, `stdout-2026-01-01T00-00-0${second}-000Z.log`));
  execFileSync('mkfifo', [fifo!]);
  fs.writeFileSync(other!, line);
  const logs = await openIn(folder);
  await eventually(() => expect(archives(folder).filter((name) => name.endsWith('.gz'))).toHaveLength(1));
  const events = [];
  for await (const event of logs.read({ stream: 'stdout', lines: 'all' }, new AbortController().signal))
    events.push(event);
  expect(events).toEqual([
    { event: 'Unreadable', file: fifo, message: `${fifo} is no file` },
    { event: 'Line', stream: 'stdout', line: line.trimEnd() },
  ]);
});

test.skipIf(process.getuid?.() !== 0)(
  'writes into no file, and no FIFO, of another user in a folder of everybody',
  async () => {
    const folder = temporaryFolder();
    fs.chmodSync(folder, 0o1777);
    const file = path.join(folder, 'stdout.log');
    fs.writeFileSync(file, '');
    fs.chownSync(file, 54321, 54321);
    const logs = await openIn(folder);
    const stream = await attachStream(logs);
    await stream.write(line);
    await eventually(() => expect(notesIn(folder)).toContain(`${file} belongs to another user (54321)`));
    expect(fs.readFileSync(file, 'utf8')).toBe('');
    fs.rmSync(file);
    await stream.finish('');
    await eventually(() => expect(fs.readFileSync(file, 'utf8')).toBe(line));
  },
);
