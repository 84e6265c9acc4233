import fs from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { archives, diskError, diskWith, eventually, openIn, temporaryFolder } from './helpers.ts';

const nameOf = (second: number) => `stdout-2026-01-01T00-00-0${second}-000Z.log`;
const notesIn = (folder: string) => fs.readFileSync(path.join(folder, 'naught.log'), 'utf8');

test('gzips the archives behind those that cannot be gzipped, and says once which these are', async () => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, nameOf(1)));
  fs.mkdirSync(path.join(folder, `${nameOf(2)}.gz`));
  for (const second of [2, 3, 4]) fs.writeFileSync(path.join(folder, nameOf(second)), 'archived\n');
  await openIn(folder);
  await eventually(() => {
    expect(archives(folder)).toEqual([nameOf(1), nameOf(2), `${nameOf(2)}.gz`, `${nameOf(3)}.gz`, `${nameOf(4)}.gz`]);
    expect(notesIn(folder).split('\n')).toEqual([
      expect.stringContaining(`warn ${path.join(folder, nameOf(1))} is not gzipped yet: it is no file`),
      expect.stringContaining(`warn ${path.join(folder, nameOf(2))} is not gzipped yet: E`),
      '',
    ]);
  });
});

test('tries an archive again after a minute, and says nothing more of it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = temporaryFolder();
  const unreadable = path.join(folder, nameOf(1));
  fs.writeFileSync(unreadable, 'archived\n');
  let tries = 0;
  const createReadStream = ((file: string, options: object) => {
    if (file === unreadable && ++tries < 3) throw diskError('EACCES', 'permission denied');
    return fs.createReadStream(file, options);
  }) as typeof fs.createReadStream;
  await openIn(folder, {}, { fs: diskWith({ createReadStream }) });
  for (const times of [1, 2]) {
    await eventually(() => expect(tries).toBe(times));
    await vi.advanceTimersByTimeAsync(60_000);
  }
  await eventually(() => expect(archives(folder)).toEqual([`${nameOf(1)}.gz`]));
  expect(notesIn(folder).match(/is not gzipped yet: permission denied/g)).toHaveLength(1);
});

test('removes the half-written gzip of a process whose pid another one has by now, and leaves one that grows', async () => {
  const folder = temporaryFolder();
  const stale = path.join(folder, `${nameOf(1)}.gz.${process.ppid}-1.part`);
  const growing = path.join(folder, `${nameOf(2)}.gz.${process.ppid}-1.part`);
  fs.writeFileSync(stale, 'half');
  fs.writeFileSync(path.join(folder, nameOf(1)), 'archived\n');
  const timer = setInterval(() => fs.appendFileSync(growing, 'more'), 20);
  onTestFinished(() => clearInterval(timer));
  await eventually(() => expect(fs.existsSync(growing)).toBe(true));
  await openIn(folder);
  await eventually(() => expect(archives(folder)).toEqual([`${nameOf(1)}.gz`]));
  expect(fs.existsSync(stale)).toBe(true);
  await eventually(() => expect(fs.existsSync(stale)).toBe(false));
  expect(fs.existsSync(growing)).toBe(true);
});
