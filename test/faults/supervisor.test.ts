import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught } from '../support/naught.ts';
import { childrenOf, isAlive, kill, processes } from '../support/processes.ts';

it('who watches a deploy of a supervisor that is killed hears of it within a second, and control leaves when the workers have', async () => {
  await using naught = await Naught.withPort();
  await naught.start();
  const daemon = naught.pid() ?? 0;
  const everybody = childrenOf(daemon);
  naught.write('boot', 'wait:never');
  const deploying = naught.begin(['deploy']);
  await deploying.says('SpawnNew');
  kill(daemon);
  const killed = Date.now();
  await deploying.says('the daemon was killed\n');
  expect(Date.now() - killed).toBeLessThan(1_000);
  expect(await deploying.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/the daemon was killed\n$/) });
  await eventually(() => (everybody.some(isAlive) ? undefined : true));
  expect([naught.exists('naught.ipc'), naught.exists('naught.pid')]).toEqual([false, false]);
});

it('a child of a worker that holds its stdout does not keep control for ever', async () => {
  await using naught = await Naught.withPort();
  naught.write(
    'server.js',
    `const child = require('node:child_process').spawn('sleep', ['90'], { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    require('node:fs').writeFileSync('child', String(child.pid));
    child.unref();
    process.send('online');`,
  );
  await naught.start(['--drain-timeout', '0.1', 'server.js']);
  const daemon = naught.pid() ?? 0;
  const control = processes().find(({ parent, title }) => parent === daemon && title === 'naught: control')?.pid ?? 0;
  kill(daemon);
  await eventually(() => (isAlive(control) ? undefined : true), 60_000);
  const child = Number(naught.read('child'));
  expect(isAlive(child)).toBe(true);
  kill(child);
});
