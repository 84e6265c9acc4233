import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { allOf, archives, attachStream, diskError, diskWith, eventually, openIn, temporaryFolder } from './helpers.ts';

const nameAt = (time: number) => `stdout-${new Date(time).toISOString().replaceAll(/[:.]/g, '-')}.log.gz`;
const notesIn = (folder: string) => allOf(folder, 'naught.log').toString();
const lines = Array.from({ length: 1000 }, (_, index) => `the line of number ${index}\n`);

test('removes what is over the number to keep soon after the start and after a rotation', async () => {
  const folder = temporaryFolder();
  for (let index = 0; index < 1200; index++) fs.writeFileSync(path.join(folder, nameAt(1e12 + index)), '');
  const logs = await openIn(folder, { maxSize: 10, keep: 3 });
  const stream = await attachStream(logs);
  await eventually(() => expect(archives(folder)).toEqual([1197, 1198, 1199].map((index) => nameAt(1e12 + index))));
  await stream.write(lines[0]!);
  await eventually(() => expect(archives(folder)).not.toContain(nameAt(1e12 + 1197)));
  expect(archives(folder)).toHaveLength(3);
});

test('looks through the folder a few times, and not at every rotation', async () => {
  const folder = temporaryFolder();
  let looks = 0;
  const readdirSync = ((...args: Parameters<typeof fs.readdirSync>) => {
    looks++;
    return fs.readdirSync(...args);
  }) as typeof fs.readdirSync;
  const logs = await openIn(folder, { maxSize: 10, keep: 5 }, { fs: diskWith({ readdirSync }) });
  await (await attachStream(logs)).finish(lines.join(''));
  await logs.close(1000);
  expect(looks).toBeLessThan(lines.length / 10);
  expect(allOf(folder).toString()).toBe(lines.slice(-5).join(''));
});

test('keeps as many as it should when somebody else has removed the newest', async () => {
  const folder = temporaryFolder();
  const old = [0, 1, 2].map((index) => nameAt(1e12 + index));
  for (const file of old) fs.writeFileSync(path.join(folder, file), '');
  const logs = await openIn(folder, { maxSize: 10, keep: 3 });
  fs.unlinkSync(path.join(folder, old[2]!));
  await (await attachStream(logs)).finish(lines[0]!);
  await logs.close(1000);
  expect(archives(folder)).toEqual([old[0], old[1], expect.any(String)]);
});

test('rotates in a folder that cannot be listed, and says once that old archives stay', async () => {
  const folder = temporaryFolder();
  const readdirSync = (() => {
    throw diskError('EACCES', 'EACCES: permission denied, scandir');
  }) as typeof fs.readdirSync;
  const logs = await openIn(folder, { maxSize: 10, keep: 1 }, { fs: diskWith({ readdirSync }) });
  const stream = await attachStream(logs);
  await stream.write(lines.slice(0, 3).join(''));
  await eventually(() => expect(notesIn(folder)).toContain(`archives of ${path.join(folder, 'stdout.log')}`));
  await stream.finish(lines[3]!);
  await logs.close(1000);
  expect(allOf(folder).toString()).toBe(lines.slice(0, 4).join(''));
  const notes = notesIn(folder).match(/ error cannot remove old archives of \S+stdout.log: EACCES.*/g);
  expect(notes).toHaveLength(1);
  expect(notesIn(folder)).not.toContain('cannot rotate');
});

test('removes the other archives when one cannot be removed', async () => {
  const folder = temporaryFolder();
  const directory = nameAt(1e12);
  fs.mkdirSync(path.join(folder, directory));
  for (const index of [1, 2, 3]) fs.writeFileSync(path.join(folder, nameAt(1e12 + index)), '');
  await openIn(folder, { keep: 1 });
  await eventually(() => expect(archives(folder)).toEqual([directory, nameAt(1e12 + 3)]));
  await eventually(() => expect(notesIn(folder)).toMatch(/cannot remove old archives of \S+: .*000Z.log.gz'\n$/));
});
