import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Logs } from '../../../src/daemon/control/logs/index.ts';
import { temporaryFolder } from './helpers.ts';

async function reopened(content: string, restarted: boolean): Promise<{ stdout: string; said: string }> {
  const folder = temporaryFolder();
  const stdout = path.join(folder, 'stdout.log');
  const daemon = path.join(folder, 'naught.log');
  fs.writeFileSync(stdout, content);
  const config = { daemon, stdout, stderr: '/dev/null', maxSize: 1_000_000, keep: null, format: 'plain' } as const;
  const logs = new Logs(config, { foreground: false, restarted });
  await logs.close(0);
  return { stdout: fs.readFileSync(stdout, 'utf8'), said: fs.readFileSync(daemon, 'utf8') };
}

const page = 'x'.repeat(4096);

test('ends the line that a killed process left torn at the end of a page, and says so', async () => {
  const { stdout, said } = await reopened(`${page}${page}`, true);
  expect(stdout).toBe(`${page}${page}\n`);
  expect(said).toMatch(/ warn .*stdout\.log: the write in progress when control was killed is torn/);
});

test.each([
  ['an unfinished line that ends anywhere else', `${page}prompt: `, true],
  ['a whole line that ends there', `${page.slice(1)}\n`, true],
  ['an empty log', '', true],
  ['a log whose last process was not killed', page, false],
])('leaves %s as it is', async (_, content, restarted) => {
  expect(await reopened(content, restarted)).toEqual({ stdout: content, said: '' });
});
