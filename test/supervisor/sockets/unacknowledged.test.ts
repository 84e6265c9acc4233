import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import { connectAll, request } from './clients.ts';
import { freePort } from './ports.ts';
import { type ForkedWorker, Primary } from './primary.ts';

const host = '127.0.0.1';
const signal = (primary: Primary, { pid }: ForkedWorker, name: NodeJS.Signals) =>
  primary.call({ do: 'signal', pid, signal: name });

it('hands what a worker had not acknowledged when it was killed to another worker', async () => {
  const primary = new Primary();
  const at = { port: await freePort(), host };
  const [stuck, other] = await Promise.all([primary.fork(at), primary.fork(at)]);
  await signal(primary, stuck, 'SIGSTOP');
  const answers = await connectAll(at, 20);
  // One connection is sent to a worker until it is acknowledged: the others have been answered.
  await Promise.race(answers);
  await primary.kill(stuck);
  for (const answer of await Promise.all(answers)) expect(answer).toEqual({ outcome: 'ok', text: String(other.pid) });
  expect(await primary.list()).toMatchObject([{ workers: 1, waiting: 0 }]);
});

it('keeps what was queued for the only worker when it is killed, for the next one', async () => {
  const primary = new Primary();
  const at = { port: await freePort(), host };
  const stuck = await primary.fork(at, { port: 0, host });
  await signal(primary, stuck, 'SIGSTOP');
  const answers = [...(await connectAll(at, 20)), ...(await connectAll({ port: stuck.addresses[1]!.port, host }, 20))];
  await primary.waiting(40);
  await primary.kill(stuck);
  const next = await primary.fork(at, { port: 0, host });
  for (const answer of await Promise.all(answers)) expect(answer).toEqual({ outcome: 'ok', text: String(next.pid) });
  expect(primary.errors).toBe('');
});

it('hands it over also when the death of the worker is known before the end of its channel', async () => {
  const primary = new Primary();
  const at = { port: await freePort(), host };
  const stuck = await primary.forkWithHeir(at);
  await signal(primary, stuck, 'SIGSTOP');
  const answers = await connectAll(at, 20);
  await primary.waiting(20);
  await primary.kill(stuck);
  process.kill(stuck.heir, 'SIGKILL');
  const next = await primary.fork(at);
  for (const answer of await Promise.all(answers)) expect(answer).toEqual({ outcome: 'ok', text: String(next.pid) });
  expect(await primary.list()).toMatchObject([{ workers: 1, waiting: 0 }]);
});

it('keeps what was queued when the only worker is told to leave, and what it returns', async () => {
  const primary = new Primary();
  const at = { port: await freePort(), host };
  const stuck = await primary.fork(at);
  await signal(primary, stuck, 'SIGSTOP');
  const answers = await connectAll(at, 20);
  await primary.waiting(20);
  const left = primary.shutdown(stuck);
  const next = await primary.fork(at);
  await signal(primary, stuck, 'SIGCONT');
  await left;
  const pids = (await Promise.all(answers)).map(({ outcome, text }) => (outcome === 'ok' ? Number(text) : outcome));
  expect(new Set([...pids, stuck.pid, next.pid])).toEqual(new Set([stuck.pid, next.pid]));
});

it('forgets clients that left while they waited', async () => {
  const primary = new Primary();
  const at = { port: await freePort(), host };
  await primary.kill(await primary.fork(at));
  const clients = Array.from({ length: 30 }, () => net.connect(at));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  await primary.waiting(30);
  for (const client of clients) client.resetAndDestroy();
  await primary.fork(at);
  expect(await request(at)).toMatchObject({ outcome: 'ok' });
  expect(await primary.list()).toMatchObject([{ waiting: 0, dropped: 0 }]);
});
