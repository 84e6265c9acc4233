import fs from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  allOf,
  archives,
  attachStream,
  diskError,
  diskWith,
  eventually,
  faults,
  numberedLines,
  openIn,
  temporaryFolder,
} from './helpers.ts';

test('finishes what a killed process left: plain archives and half-written gzips', async () => {
  const folder = temporaryFolder();
  const archive = path.join(folder, 'stdout-2026-01-01T00-00-00-000Z.log');
  fs.writeFileSync(archive, 'archived\n');
  for (const part of ['.gz.part', '.gz.4000000-1.part', `.gz.${process.pid}-99.part`]) {
    fs.writeFileSync(`${archive}${part}`, 'half');
  }
  await openIn(folder);
  await eventually(() => {
    const files = fs.readdirSync(folder).filter((file) => file.startsWith('stdout-'));
    expect(files).toEqual(['stdout-2026-01-01T00-00-00-000Z.log.gz']);
  });
  expect(gunzipSync(fs.readFileSync(`${archive}.gz`)).toString()).toBe('archived\n');
});

test('loses and doubles nothing when a rotation was cut between its steps', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  fs.writeFileSync(current, 'before the cut\n');
  fs.linkSync(current, path.join(folder, 'stdout-2026-01-01T00-00-00-000Z.log'));
  fs.writeFileSync(path.join(folder, '.stdout.log.new'), '');
  fs.utimesSync(path.join(folder, '.stdout.log.new'), 1, 1);
  const logs = await openIn(folder, { maxSize: 10 });
  await (await attachStream(logs)).finish('after it\n');
  await logs.close(1000);
  expect(allOf(folder).toString()).toBe('before the cut\nafter it\n');
  expect(fs.existsSync(path.join(folder, '.stdout.log.new'))).toBe(false);
});

test('rotates again soon after the process that was rotating was killed', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, '.stdout.log.new'), '');
  const logs = await openIn(folder, { maxSize: 1000 });
  const stream = await attachStream(logs);
  let text = '';
  for (let index = 0; archives(folder).length === 0; index++) {
    text += `${index} ${'x'.repeat(90)}\n`;
    await stream.write(`${index} ${'x'.repeat(90)}\n`);
  }
  await stream.finish();
  await logs.close(1000);
  expect(allOf(folder).toString()).toBe(text);
});

test('two daemons on one path tear no line and lose no archive', async () => {
  const folder = temporaryFolder();
  const daemons = [await openIn(folder, { maxSize: 20_000 }), await openIn(folder, { maxSize: 20_000 })];
  const lines = 5000;
  await Promise.all(
    daemons.map(async (logs, index) => (await attachStream(logs)).finish(numberedLines(`d${index}`, lines, 90))),
  );
  await Promise.all(daemons.map((logs) => logs.close(1000)));
  expect(archives(folder).length).toBeGreaterThan(40);
  expect(faults(allOf(folder), ['d0', 'd1'], lines, 90)).toEqual([]);
});

test('rotates where there are no hard links', async () => {
  const folder = temporaryFolder();
  const linkSync = () => {
    throw diskError('EPERM');
  };
  const logs = await openIn(folder, { maxSize: 1000 }, { fs: diskWith({ linkSync }) });
  await (await attachStream(logs)).finish(numberedLines('n', 100, 90));
  await logs.close(1000);
  expect(archives(folder).length).toBeGreaterThan(5);
  expect(faults(allOf(folder), ['n'], 100, 90)).toEqual([]);
});

test('goes on in the current file, and says so once, when a rotation fails', async () => {
  const folder = temporaryFolder();
  const renameSync = (from: fs.PathLike, to: fs.PathLike) => {
    if (String(from).endsWith('.new')) throw diskError('EACCES', 'not permitted');
    fs.renameSync(from, to);
  };
  const logs = await openIn(folder, { maxSize: 1000 }, { fs: diskWith({ renameSync }) });
  await (await attachStream(logs)).finish(numberedLines('f', 100, 90));
  await logs.close(1000);
  expect(fs.readdirSync(folder).sort()).toEqual(['naught.log', 'stderr.log', 'stdout.log']);
  expect(faults(allOf(folder), ['f'], 100, 90)).toEqual([]);
  expect(fs.readFileSync(path.join(folder, 'naught.log'), 'utf8')).toMatch(
    /^\S+ error cannot rotate .*: not permitted\n$/,
  );
});
