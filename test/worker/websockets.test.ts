import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'undici';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary, type TestWorker } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const close1001 = '\x88\x02\x03\xe9';
/** The reply of a client, masked with zeroes. */
const reply = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]);

const upgrade = async ({ port }: TestWorker, protocol: string, tls = false) => {
  const client = await Connection.open(port, tls);
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';
  client.get('/', `Connection: Upgrade\r\nUpgrade: ${protocol}\r\n${key}`);
  await client.until('\r\n\r\n');
  return client;
};

test.each([false, true])('tells a WebSocket 1001, and leaves when it is closed (tls: %s)', async (tls) => {
  const worker = await primary.serve('server.cjs', [{ websocket: true, tls }]);
  const client = await upgrade(worker, 'websocket', tls);
  worker.leave();
  expect(await client.until(close1001)).toBe(close1001);
  client.send(reply);
  expect(await client.ended).toBe('end');
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('the clients of today see 1001, and a clean end', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true }]);
  const client = new WebSocket(`ws://127.0.0.1:${worker.port}/`);
  await once(client, 'open');
  const closed = once(client, 'close');
  worker.leave();
  expect((await closed)[0]).toMatchObject({ code: 1001, wasClean: true });
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('spreads the closing over a time', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true }], { spreadMs: 1_000 });
  const clients = await Promise.all(Array.from({ length: 30 }, () => upgrade(worker, 'websocket')));
  await worker.draining();
  const start = performance.now();
  const times = await Promise.all(
    clients.map(async (client) => {
      await client.until(close1001);
      client.send(reply);
      return performance.now() - start;
    }),
  );
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(300);
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

/** A message of two letters, masked with zeroes. */
const message = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
const answer = '\x81\x02ok';

test('is told after the answer to what it has sent', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true, slow: 400 }]);
  const [before, during] = [await upgrade(worker, 'websocket'), await upgrade(worker, 'websocket')];
  before.send(message);
  await (await Connection.open(worker.port)).request('/', 'ok');
  await worker.draining();
  during.send(message);
  for (const client of [before, during]) {
    expect(await client.until(close1001)).toBe(answer + close1001);
    client.send(reply);
    expect(await client.ended).toBe('end');
  }
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('is told after the answer also by a worker that had no CPU until its time was long over', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true, slow: 50 }]);
  const client = await upgrade(worker, 'websocket');
  const other = await Connection.open(worker.port);
  await other.request('/', 'ok');
  await worker.draining();
  // Its word is sent before all is done.
  await other.request('/', 'ok');
  process.kill(worker.pid, 'SIGSTOP');
  // Beyond the time at which it closes a connection that is never quiet.
  await setTimeout(4_500);
  client.send(message);
  process.kill(worker.pid, 'SIGCONT');
  expect(await client.until(close1001)).toBe(answer + close1001);
  client.send(reply);
  expect(await client.ended).toBe('end');
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('one that always waits for an answer is told right after one', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true, slow: 50 }]);
  const client = await upgrade(worker, 'websocket');
  let [sent, answered] = [0, 0];
  const send = () => {
    sent += 1;
    client.send(message);
  };
  client.socket.on('data', () => {
    answered += client.received.split(answer).length - 1;
    const over = client.received.includes(close1001);
    client.received = '';
    if (over) client.send(reply);
    else send();
  });
  send();
  await worker.draining();
  expect(await client.ended).toBe('end');
  expect(answered).toBeGreaterThan(2);
  expect(answered).toBe(sent);
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('is told at last, whatever it goes on sending', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true, slow: 60_000 }]);
  const client = await upgrade(worker, 'websocket');
  const sending = setInterval(() => client.send(message), 100);
  await worker.draining();
  await client.until(close1001);
  clearInterval(sending);
  client.send(reply);
  expect(await client.ended).toBe('end');
});

test('leaves other upgraded connections alone', async () => {
  const worker = await primary.serve('server.cjs', [{ upgrade: true }], { lingerMs: 0 });
  const [other, idle] = [await upgrade(worker, 'other'), await Connection.open(worker.port)];
  await idle.request('/', 'ok');
  await worker.draining();
  await idle.ended;
  expect(other.over).toBe(false);
  expect(other.received).toBe('');
  other.socket.end();
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('a request to upgrade stays an ordinary one where the application does not upgrade', async () => {
  const worker = await primary.serve('server.cjs');
  const client = await Connection.open(worker.port);
  client.get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
  expect(await client.until('ok')).toContain('200 OK');
});
