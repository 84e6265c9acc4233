import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  allOf,
  archives,
  attachStream,
  eventually,
  faults,
  numberedLines,
  openIn,
  temporaryFolder,
} from './helpers.ts';

test('opens a new file at the path after an rm, also when nothing is written', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  await stream.write('before\n');
  await eventually(() => expect(allOf(folder).toString()).toBe('before\n'));
  fs.chmodSync(current, 0o600);
  fs.unlinkSync(current);
  await eventually(() => expect(fs.existsSync(current)).toBe(true));
  fs.unlinkSync(current);
  await stream.finish('after\n');
  expect(fs.readFileSync(current, 'utf8')).toBe('after\n');
});

test('loses and doubles no line when somebody moves the log again and again', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  const logs = await openIn(folder);
  const stream = await attachStream(logs);
  const chunk = 500;
  const text = numberedLines('m', 20_000, 90).split('\n');
  for (let at = 0; at < 20_000; at += chunk) {
    await stream.write(
      text
        .slice(at, at + chunk)
        .map((line) => `${line}\n`)
        .join(''),
    );
    // The move comes while lines are written, and the next one when they are written to a new file.
    await eventually(() => expect(fs.statSync(current).size).toBeGreaterThan(0));
    fs.renameSync(current, path.join(folder, `moved.${at}`));
  }
  await stream.finish();
  await logs.close(1000);
  const files = fs.readdirSync(folder).filter((file) => /^(moved|stdout)/.test(file));
  expect(files.length).toBeGreaterThanOrEqual(20_000 / chunk);
  const bytes = Buffer.concat(files.map((file) => fs.readFileSync(path.join(folder, file))));
  expect(faults(bytes, ['m'], 20_000, 90)).toEqual([]);
});

test('follows a file that somebody truncates', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  const logs = await openIn(folder, { maxSize: 300 });
  const stream = await attachStream(logs);
  await stream.write(`${'x'.repeat(250)}\n`);
  await eventually(() => expect(allOf(folder)).toHaveLength(251));
  fs.copyFileSync(current, path.join(folder, 'copy'));
  fs.truncateSync(current);
  await stream.finish(`${'y'.repeat(250)}\n`);
  expect(fs.readFileSync(current, 'utf8')).toBe(`${'y'.repeat(250)}\n`);
  expect(archives(folder)).toEqual([]);
});

test('makes the folder again when somebody removes it', async () => {
  const folder = path.join(temporaryFolder(), 'logs');
  const logs = await openIn(folder);
  fs.rmSync(folder, { recursive: true });
  await (await attachStream(logs)).finish('still here\n');
  expect(allOf(folder).toString()).toBe('still here\n');
});

test('reopens the paths for an outside logrotate', async () => {
  const folder = temporaryFolder();
  const current = path.join(folder, 'stdout.log');
  const logs = await openIn(folder);
  fs.renameSync(current, `${current}.1`);
  await logs.reopen();
  expect(fs.existsSync(current)).toBe(true);
});
