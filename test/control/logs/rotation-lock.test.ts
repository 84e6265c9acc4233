import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allOf, archives, attachStream, openIn, temporaryFolder } from './helpers.ts';

const line = 'a line that is long enough\n';

test('says once what is in the way of a rotation, and rotates when it is gone', async () => {
  const folder = temporaryFolder();
  const lock = path.join(folder, '.stdout.log.new');
  fs.mkdirSync(lock);
  const logs = await openIn(folder, { maxSize: 1000 });
  const stream = await attachStream(logs);
  let text = '';
  const writeUntil = async (done: () => boolean) => {
    for (; !done(); text += line) {
      await stream.write(line);
      await wait(20);
    }
  };
  await writeUntil(() => allOf(folder, 'naught.log').includes('trying again'));
  const said = text.length;
  await writeUntil(() => text.length > said + 75 * line.length);
  fs.rmdirSync(lock);
  await writeUntil(() => archives(folder).length > 0);
  await stream.finish();
  await logs.close(1000);
  expect(allOf(folder).toString()).toBe(text);
  expect(allOf(folder, 'naught.log').toString()).toMatch(
    new RegExp(`^\\S+ error cannot rotate \\S+stdout.log, trying again: ${lock} is in the way: E.*\n$`),
  );
});

test('leaves the lock of another daemon that rotates again and again, though each has the same inode', async () => {
  const folder = temporaryFolder();
  const lock = path.join(folder, '.stdout.log.new');
  fs.writeFileSync(lock, '');
  const logs = await openIn(folder, { maxSize: 10 });
  const stream = await attachStream(logs);
  for (let round = 0; round < 25; round++) {
    fs.utimesSync(lock, new Date(), new Date(Date.now() + round));
    await stream.write(line);
    await wait(60);
  }
  expect(fs.existsSync(lock)).toBe(true);
  expect(archives(folder)).toEqual([]);
  await stream.finish();
});
