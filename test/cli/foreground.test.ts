import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as control from './support/control.ts';
import { installation } from './support/installation.ts';
import { begin, repository } from './support/naught.ts';

test('in the foreground the command becomes the supervisor', async () => {
  const { cwd, options } = installation();
  const args = ['start', '--daemon-mode', 'false', '--log', '-', '--stdout', '-', 'server.js', 'a', '--json'];
  const running = begin(args, options);
  const { stdout, stderr, exit } = await running.ended;
  expect([stderr, exit]).toEqual(['', 0]);
  const { config, pid, variables } = JSON.parse(stdout);
  expect(pid).toBe(running.child.pid);
  expect(variables).not.toContain('NAUGHT_FOREGROUND_FD');
  expect(config).toMatchObject({
    foreground: true,
    logs: { daemon: '-', stdout: '-', stderr: join(cwd, 'stderr.log') },
    release: { script: join(cwd, 'server.js'), args: ['a', '--json'] },
  });
});

test('in the foreground wrong usage ends the command', async () => {
  const { start } = installation();
  const { stdout, stderr, exit } = await start('--daemon-mode', 'false', '--worker-count', 'x', 'server.js');
  expect([stdout, exit]).toEqual(['', 2]);
  expect(stderr).toContain('--worker-count must be');
});

test('in the foreground a server that already runs shows its status', async () => {
  const { cwd, start } = installation();
  await control.fakeControl(cwd, { 'GET /status': control.json(control.status()) });
  const ended = await start('--daemon-mode=false', 'server.js');
  expect(ended).toEqual({
    stdout: 'workers online: 2\n',
    stderr: expect.stringContaining('already running: /srv/server.js since'),
    exit: 1,
  });
});

test('in the foreground the first process loads no package', () => {
  for (const file of ['main.js', 'foreground.js']) {
    const text = readFileSync(join(repository, 'dist', 'cli', file), 'utf8');
    expect(text).not.toContain('// node_modules/');
    const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name);
    expect(required.filter((name) => !name?.startsWith('node:'))).toEqual(
      file === 'main.js' ? ['./foreground.js'] : [],
    );
  }
});
