import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { allOf, attachStream, diskError, diskWith, eventually, openIn, temporaryFolder } from './helpers.ts';

/** Two logs are one when what is written to both is rotated, and read back, once. */
async function isOne(folder: string, config: Record<string, string>, system = {}): Promise<boolean> {
  const logs = await openIn(folder, config, system);
  const paths = await logs.reopen();
  await logs.close(1000);
  return paths.length === 2;
}

test('takes two links to one file for one log', async () => {
  const folder = temporaryFolder();
  for (const name of ['stdout.log', 'stderr.log']) fs.symlinkSync('all.log', path.join(folder, name));
  expect(await isOne(folder, {})).toBe(true);
  expect(await isOne(temporaryFolder(), {})).toBe(false);
});

test('takes two streams of the command that are copies of one for one log', async () => {
  const folder = temporaryFolder();
  const [stdout, stderr, other] = ['a', 'a', 'b'].map((name) => fs.openSync(path.join(folder, name), 'a'));
  onTestFinished(() => {
    for (const fd of [stdout, stderr, other]) fs.closeSync(fd!);
  });
  const config = { stdout: '-', stderr: '-' };
  expect(await isOne(folder, config, { stdout, stderr })).toBe(true);
  expect(await isOne(folder, config, { stdout, stderr: other })).toBe(false);
  expect(await isOne(folder, { stdout: '/dev/stderr', stderr: '-' }, { stdout, stderr: other })).toBe(true);
});

test.each([
  ['a folder in its place', (file: string) => fs.mkdirSync(file), (file: string) => fs.rmdirSync(file)],
  [
    'a file in the place of its folder',
    (file: string) => fs.writeFileSync(path.dirname(file), ''),
    (file: string) => fs.rmSync(path.dirname(file)),
  ],
])('keeps what is written while a log cannot be opened, because of %s, and says so', async (_, obstruct, clear) => {
  const folder = temporaryFolder();
  const stdout = path.join(folder, 'logs', 'stdout.log');
  if (_ === 'a folder in its place') fs.mkdirSync(path.dirname(stdout));
  obstruct(stdout);
  const logs = await openIn(folder, { stdout });
  const stream = await attachStream(logs);
  await stream.write('first\n');
  const notes = () => fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');
  await eventually(() =>
    expect(notes()).toMatch(/error cannot write to \S+stdout.log, trying again: (EISDIR|EEXIST|ENOTDIR)/),
  );
  clear(stdout);
  await stream.finish('second\n');
  await logs.close(5000);
  expect(allOf(path.dirname(stdout)).toString()).toBe('first\nsecond\n');
  expect(notes().match(/can be written again/g)).toHaveLength(1);
});

test('says that it can be written again only when it can be', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  const stdout = path.join(folder, 'stdout.log');
  const notes = () => fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');
  fs.rmSync(stdout);
  fs.mkdirSync(stdout);
  await logs.reopen();
  await eventually(() => expect(notes()).toContain('EISDIR'));
  let looks = 0;
  // Two more looks at it have found the folder.
  await eventually(() => expect(++looks).toBeGreaterThan(200));
  expect(notes()).not.toContain('again\n');
  fs.rmdirSync(stdout);
  await eventually(() => expect(notes()).toMatch(/info \S+stdout.log can be written again\n/));
});

test('ends a torn line when the disk has room for that', async () => {
  const folder = temporaryFolder();
  const torn = 'x'.repeat(4096);
  fs.writeFileSync(path.join(folder, 'stdout.log'), torn);
  let full = true;
  const writeSync = ((fd: number, ...rest: [Buffer]) => {
    if (full) throw diskError('ENOSPC');
    return fs.writeSync(fd, ...rest);
  }) as typeof fs.writeSync;
  const logs = await openIn(folder, {}, { fs: diskWith({ writeSync }) }, { restarted: true });
  const stream = await attachStream(logs);
  await stream.write('after\n');
  full = false;
  await stream.finish();
  await logs.close(5000);
  expect(allOf(folder).toString()).toBe(`${torn}\nafter\n`);
});
