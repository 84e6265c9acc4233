import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Clients } from '../../bench/loss/clients.ts';
import { freePort } from '../../bench/port.ts';
import { Naught, program } from '../support/naught.ts';
import { ask, fixture, ordinary } from './support.ts';

it('answers what is in flight when a platform sends SIGTERM to every process of it', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  const words = [program, 'start', '--daemon-mode', 'false', ...ordinary, '--worker-count', '2', fixture];
  const env = { ...process.env, ...naught.env };
  const foreground = spawn(process.execPath, words, { cwd: naught.dir, env, stdio: 'ignore', detached: true });
  const exit = once(foreground, 'exit');
  await naught.logged('Ready');
  const slow = [ask(target, '/slow'), ask(target, '/slow'), ask(target, '/slow')];
  await ask(target);
  process.kill(-(foreground.pid ?? 0), 'SIGTERM');
  for (const { pid } of await Promise.all(slow)) expect(pid).toBeGreaterThan(0);
  expect(await exit).toEqual([0, null]);
  expect(naught.read('naught.log')).not.toMatch(/cut|SIGTERM/);
});

it('replaces a worker that is sent SIGTERM, and loses nothing', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  await naught.start([...ordinary, fixture]);
  await using clients = await Clients.start(naught.dir, process.execPath);
  clients.run('busy', 'busy', target, 2);
  await clients.answered(['busy'], 5);
  const { pid } = await ask(target);
  process.kill(pid, 'SIGTERM');
  await naught.logged('WorkerOffline');
  await naught.settled('0 1 0 0');
  expect(await naught.worker()).not.toBe(pid);
  await clients.answered(['busy'], 5);
  await clients.stop();
  expect(clients.lost).toBe(0);
});
