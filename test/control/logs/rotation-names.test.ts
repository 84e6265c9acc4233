import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { archives, attachStream, diskWith, openIn, temporaryFolder } from './helpers.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const nameAt = (time: number) => `stdout-${new Date(time).toISOString().replaceAll(/[:.]/g, '-')}.log`;
const line = 'a line that is long enough\n';

/** A file system that counts how often it is asked for an archive. */
function countingDisk() {
  const disk = {
    asked: 0,
    fs: diskWith({
      statSync: ((file: string, options: fs.StatSyncOptions) => {
        if (path.basename(file).startsWith('stdout-')) disk.asked++;
        return fs.statSync(file, options);
      }) as typeof fs.statSync,
    }),
  };
  return disk;
}

test('goes on after the latest archive of an earlier process, without asking for those before it', async () => {
  const folder = temporaryFolder();
  for (let index = 0; index < 1000; index++) fs.writeFileSync(path.join(folder, `${nameAt(noon + index)}.gz`), '');
  fs.writeFileSync(path.join(folder, 'stdout-2026-13-33T00-00-00-000Z.log.gz'), 'no date');
  const disk = countingDisk();
  const logs = await openIn(folder, { maxSize: 10 }, { fs: disk.fs, now: () => noon });
  await (await attachStream(logs)).finish(line);
  expect(archives(folder)).toContain(nameAt(noon + 1000));
  expect(disk.asked).toBeLessThan(10);
  await logs.close(1000);
});

test('goes on after the latest archive of another daemon, and asks for few of the others', async () => {
  const folder = temporaryFolder();
  const disk = countingDisk();
  const logs = await openIn(folder, { maxSize: 10 }, { fs: disk.fs, now: () => noon });
  for (let index = 0; index < 1000; index++) fs.writeFileSync(path.join(folder, `${nameAt(noon + index)}.gz`), '');
  await (await attachStream(logs)).finish(line);
  expect(archives(folder)).toContain(nameAt(noon + 1000));
  expect(disk.asked).toBeLessThan(100);
  await logs.close(1000);
});
