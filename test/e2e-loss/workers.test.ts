import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Clients } from '../../bench/loss/clients.ts';
import { freePort } from '../../bench/port.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, program } from '../support/naught.ts';
import { childrenOf, isAlive } from '../support/processes.ts';
import { ask, fixture, ordinary, stream } from './support.ts';

/** A daemon with the fixture on one port. */
async function started(...options: string[]): Promise<{ naught: Naught; target: { port: number } }> {
  const naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  await naught.start([...ordinary, ...options, fixture]);
  return { naught, target };
}

it('gives the connections that a stopped worker has not accepted to another one when it is killed', async () => {
  const { naught, target } = await started('--worker-count', '2');
  await using _ = naught;
  const stopped = await naught.worker(0);
  const other = await naught.worker(1);
  process.kill(stopped, 'SIGSTOP');
  const requests = Array.from({ length: 8 }, () => ask(target));
  // The one that went to the stopped worker waits; the others have been answered.
  await Promise.any(requests);
  process.kill(stopped, 'SIGKILL');
  const answers = await Promise.all(requests);
  expect(answers.every(({ pid }) => pid !== stopped)).toBe(true);
  expect(answers.some(({ pid }) => pid === other)).toBe(true);
});

it('hands a connection that a worker could not take, for lack of a file descriptor, to it again or to another one', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  const command = [process.execPath, program, 'start', ...ordinary, fixture];
  const started = spawn('sh', ['-c', 'ulimit -n 256; exec "$@"', 'sh', ...command], {
    cwd: naught.dir,
    env: { ...process.env, ...naught.env },
    stdio: 'ignore',
  });
  expect(await once(started, 'exit')).toEqual([0, null]);
  const { pid } = await ask(target, '/exhaust');
  expect(await Promise.all([ask(target), ask(target), ask(target)])).toEqual(Array(3).fill({ pid, slot: '0' }));
});

it("replaces the only worker when it says 'offline', and loses nothing", async () => {
  const { naught, target } = await started();
  await using _ = naught;
  await using clients = await Clients.start(naught.dir, process.execPath);
  clients.run('fresh', 'fresh', target, 3);
  clients.run('busy', 'busy', target, 2);
  await clients.answered(['fresh', 'busy'], 5);
  const { pid } = await ask(target, '/offline');
  await naught.settled('0 1 0 0');
  expect(await naught.worker()).not.toBe(pid);
  await clients.answered(['fresh', 'busy'], 5);
  await clients.stop();
  expect(clients.lost).toBe(0);
});

it('drains several generations at once; a deploy does not wait for those that left before it', async () => {
  const { naught, target } = await started();
  await using _ = naught;
  const streams = [];
  for (const dying of [1, 2]) {
    streams.push(await stream(target));
    await ask(target, '/offline');
    await naught.settled(`0 1 ${dying} 0`);
  }
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  await naught.settled('0 1 2 0');
  expect(streams.every((wire) => !wire.over)).toBe(true);
  for (const wire of streams) wire.close();
  await naught.settled('0 1 0 0');
});

it('answers a client of the ipc-file that comes in the moment when control is killed', async () => {
  const { naught } = await started();
  await using _ = naught;
  const { workers, pid } = await naught.status();
  const control = childrenOf(pid).find((child) => workers.every((worker) => worker.pid !== child)) ?? 0;
  process.kill(control, 'SIGKILL');
  const answers = await Promise.all([naught.status(), naught.status(), naught.status()]);
  expect(answers.map(({ count }) => count.online)).toEqual([1, 1, 1]);
});

it('finishes what is in flight when the supervisor is killed, logs it to the end, and leaves port and ipc-file free', async () => {
  const { naught, target } = await started('--worker-count', '2');
  await using _ = naught;
  const daemon = naught.pid() ?? 0;
  const everybody = [daemon, ...childrenOf(daemon)];
  const slow = [ask(target, '/slow'), ask(target, '/slow')];
  // What they say to the daemon meanwhile is for nobody, and no error.
  const metrics = [ask(target, '/metric'), ask(target, '/metric')];
  // Both workers have theirs once later requests have been answered.
  await Promise.all([ask(target), ask(target), ask(target), ask(target)]);
  process.kill(daemon, 'SIGKILL');
  expect((await Promise.all(slow)).map(({ slot }) => slot).sort()).toEqual(['0', '1']);
  await Promise.all(metrics);
  await expect(ask(target)).rejects.toThrow(/refused|reset/);
  await naught.start([...ordinary, fixture]);
  await ask(target);
  await eventually(() => (everybody.some(isAlive) ? undefined : true));
  expect(naught.read('stdout.log').match(/has answered slowly/g)).toHaveLength(2);
});
