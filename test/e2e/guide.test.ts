import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';
import { Naught, program, root } from '../support/naught.ts';

const page = readFileSync(join(root, 'docs/first-deploy.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block ?? '');

it('the first deploy of the guide goes as it says', async () => {
  await using naught = new Naught();
  const port = String(await freePort());
  naught.write('bin/naught', `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(naught.path('bin/naught'), 0o755);
  naught.write('server.js', blocks('js')[0] ?? '');
  naught.env = { PORT: port, PATH: `${naught.path('bin')}:${process.env.PATH}` };
  const run = (line: string) =>
    spawnSync('sh', ['-c', line], { cwd: naught.dir, env: { ...process.env, ...naught.env }, encoding: 'utf8' });
  const answer = async () => (await fetch(`http://localhost:${port}`)).text();

  const [start, deploy, broken, releases, stop, ...more] = blocks('sh') as [string, string, string, string, string];
  expect(more).toEqual([]);
  expect(run(start)).toMatchObject({ status: 0, stdout: 'workers online: 2\n' });
  expect(await answer()).toBe('version 1\n');
  expect(run(deploy)).toMatchObject({ status: 0, stderr: expect.stringMatching(/\ndone\n$/) });
  expect(await answer()).toBe('version 2\n');
  const failed = run(broken);
  expect(failed.stdout).toBe('nothing has changed\n');
  expect(failed.stderr).toMatch(/worker \d \(pid \d+\) exited with code 1 before it was online:\n/);
  expect(failed.stderr).toContain('Error: a bad release');
  expect(await answer()).toBe('version 2\n');
  expect(run(releases).stdout.match(/serving|replaced|failed/g)).toEqual(['failed', 'serving', 'replaced']);
  expect(run(stop).status).toBe(0);
});
