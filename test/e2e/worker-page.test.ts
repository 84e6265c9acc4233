import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { send } from '../support/http.ts';
import { Naught, root } from '../support/naught.ts';

const [, example] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/worker.md'), 'utf8')) ?? [];

it('the server of docs/worker.md does what the page says', async () => {
  await using naught = await Naught.withPort();
  mkdirSync(naught.path('node_modules'));
  symlinkSync(root, naught.path('node_modules/naught2'));
  await naught.start([naught.write('server.mjs', example)]);
  const ask = (path: string) => send({ host: '127.0.0.1', port: naught.env.PORT, path, agent: false });
  const replaced = (pid: number) =>
    eventually(async () => {
      const { workers } = await naught.status();
      return workers.every((worker) => worker.pid !== pid && worker.state === 'online') ? true : undefined;
    });

  const first = await naught.worker();
  expect(await ask('/')).toMatchObject({ status: 200, body: `${first}\n` });
  expect(await ask('/replace')).toMatchObject({ status: 200, body: `${first}\n` });
  await replaced(first);

  const second = await naught.worker();
  expect(await ask('/crash')).toMatchObject({ status: 500 });
  await replaced(second);
  expect(naught.read('stderr.log')).toContain('Error: the bug');

  const third = await naught.worker();
  expect(await naught.run(['stop'])).toMatchObject({ code: 0 });
  expect(naught.read('naught.log')).toMatch(new RegExp(`WorkerDeath.*\\(pid ${first}\\) exit code: 0`));
  expect(naught.read('naught.log')).toMatch(new RegExp(`WorkerDeath.*\\(pid ${second}\\) exit code: 1`));
  expect(naught.read('naught.log')).toMatch(new RegExp(`OldExit.*\\(pid ${third}\\) exit code: 0`));
});

it('the same server, run by plain node, ends at the first Ctrl-C', async () => {
  await using naught = await Naught.withPort();
  mkdirSync(naught.path('node_modules'));
  symlinkSync(root, naught.path('node_modules/naught2'));
  const child = spawn(process.execPath, [naught.write('server.mjs', example)], {
    env: { ...process.env, ...naught.env },
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exit = once(child, 'exit');
  const ask = () => send({ host: '127.0.0.1', port: naught.env.PORT, path: '/', agent: false });
  expect(await eventually(() => ask().catch(() => undefined))).toMatchObject({ body: `${child.pid}\n` });
  child.kill('SIGINT');
  expect(await Promise.race([exit, setTimeout(10_000, 'it goes on serving')])).toEqual([null, 'SIGINT']);
});
