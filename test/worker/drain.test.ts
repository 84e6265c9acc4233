import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

/** So long that a test which waited for it would fail. */
const never = 600_000;
const clean = { code: 0, signal: null };

test('leaves at once when nobody is connected', async () => {
  const worker = await primary.serve('server.cjs', [{}], { lingerMs: never });
  const start = performance.now();
  expect(await worker.draining()).toEqual({ type: 'draining', connections: 0 });
  expect(await worker.exit()).toEqual(clean);
  expect(performance.now() - start).toBeLessThan(500);
});

test('leaves soon when a timer holds the process', async () => {
  const worker = await primary.serve('server.cjs', [{ timer: true }], { lingerMs: never });
  worker.leave();
  expect(await worker.exit()).toEqual(clean);
});

test('leaves when it has no server', async () => {
  const worker = primary.fork('offspring.cjs');
  await worker.message();
  worker.leave();
  expect(await worker.exit()).toEqual(clean);
});

test('runs the SIGTERM handlers of the application when its last connection is gone, and gives them time', async () => {
  const worker = await primary.serve('server.cjs', [{ sigterm: 'exit', cleanup: 1_500, timer: true }]);
  worker.leave();
  expect(await worker.exit()).toEqual({ code: 7, signal: null });
});

test.each([false, true])('finishes what is in flight, and says Connection: close (tls: %s)', async (tls) => {
  const worker = await primary.serve('server.cjs', [{ tls }], { lingerMs: never });
  const [slow, download, idle] = await Promise.all([1, 2, 3].map(() => Connection.open(worker.port, tls)));
  await idle!.request('/', 'ok');
  slow!.get('/slow');
  await download!.request('/download', 'begin');
  expect(await worker.draining()).toMatchObject({ connections: 3 });
  expect(await slow!.until('slow')).toContain('Connection: close');
  await download!.until('end');
  // The head of this response had promised keep-alive before the drain: one more request is answered.
  for (const kept of [download, idle]) expect(await kept!.request('/', 'ok')).toContain('Connection: close');
  expect(await Promise.all([slow, download, idle].map((client) => client!.ended))).toEqual(['end', 'end', 'end']);
  expect(await worker.exit()).toEqual(clean);
});

test.each(['implicit', 'object', 'list', 'pairs'])(
  'says Connection: close where the application says keep-alive: %s',
  async (way) => {
    const worker = await primary.serve('server.cjs', [{}], { lingerMs: never });
    const [busy, idle] = await Promise.all([Connection.open(worker.port), Connection.open(worker.port)]);
    await idle!.request('/', 'ok');
    busy!.get(`/keep/${way}`);
    await idle!.request('/', 'ok');
    await worker.draining();
    idle!.get(`/keep/${way}`);
    for (const client of [busy, idle]) {
      const answer = await client!.until('kept');
      expect(answer).toMatch(/^Connection: close\r$/im);
      expect(answer).not.toMatch(/keep-alive/i);
      if (way !== 'implicit') expect(answer).toMatch(/^x-other: 1\r$/m);
      expect(await client!.ended).toBe('end');
    }
    expect(await worker.exit()).toEqual(clean);
  },
);

test('finishes an upload', async () => {
  const worker = await primary.serve('server.cjs', [{}], { lingerMs: 0 });
  const client = await Connection.open(worker.port);
  client.send('POST /upload HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n');
  await client.until('100 Continue');
  await worker.draining();
  client.send('12345');
  const fresh = await primary.serve('server.cjs');
  client.send('67890');
  expect(await client.until('10')).toContain('Connection: close');
  expect(await worker.exit()).toEqual(clean);
  fresh.leave();
});

test.each([false, true])('closes idle connections after the linger, and not before (tls: %s)', async (tls) => {
  const worker = await primary.serve('server.cjs', [{ tls }], { lingerMs: 400 });
  const client = await Connection.open(worker.port, tls);
  await client.request('/', 'ok');
  await worker.draining();
  const start = performance.now();
  expect(await client.ended).toBe('end');
  expect(performance.now() - start).toBeGreaterThan(390);
  expect(await worker.exit()).toEqual(clean);
});

test('counts the linger anew after a response that had promised keep-alive', async () => {
  const worker = await primary.serve('server.cjs', [{ slow: 700 }], { lingerMs: 400 });
  const client = await Connection.open(worker.port);
  await client.request('/download', 'begin');
  await worker.draining();
  await client.until('end');
  const start = performance.now();
  await client.ended;
  expect(performance.now() - start).toBeGreaterThan(380);
});

test.each([
  ['a half-sent request', 'GET / HTTP/1.1\r\nHo', false],
  ['a silent connection', '', false],
  ['a silent TLS connection', '', true],
])('%s does not hold it', async (_what, text, tls) => {
  const worker = await primary.serve('server.cjs', [{ tls }], { lingerMs: 100 });
  const client = await Connection.open(worker.port);
  client.send(text);
  // Accepted for sure: the primary hands connections on in their order.
  await (await Connection.open(worker.port, tls)).request('/', 'ok');
  await worker.draining();
  await client.ended;
  expect(await worker.exit()).toEqual(clean);
});

test('a connection that was accepted a moment ago is answered even with no linger', async () => {
  const worker = await primary.serve('server.cjs', [{}], { lingerMs: 0 });
  const late = await Connection.open(worker.port);
  await (await Connection.open(worker.port)).request('/', 'ok');
  await worker.draining();
  expect(await late.request('/', 'ok')).toContain('Connection: close');
});

test('answers what is pipelined behind a response that has not begun; the last one says Connection: close', async () => {
  const worker = await primary.serve('server.cjs', [{ slow: 200 }], { lingerMs: 300 });
  const [before, during] = [await Connection.open(worker.port), await Connection.open(worker.port)];
  await during.request('/', 'ok');
  before.send('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(3));
  await (await Connection.open(worker.port)).request('/', 'ok');
  await worker.draining();
  during.send('GET /slow HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(3));
  for (const client of [before, during]) {
    expect(await client.ended).toBe('end');
    expect(client.received.match(/slow$|slow(?=HTTP)/g)).toHaveLength(3);
    expect(client.received.match(/^Connection: .*$/gm)).toEqual([
      'Connection: keep-alive',
      'Connection: keep-alive',
      'Connection: close',
    ]);
  }
  expect(await worker.exit()).toEqual(clean);
});

test('drains an HTTP server that does not listen, but is given the connections of another one', async () => {
  const worker = await primary.serve('fed.cjs');
  const [slow, idle, websocket] = await Promise.all([1, 2, 3].map(() => Connection.open(worker.port)));
  await idle!.request('/', 'ok');
  await websocket!.request('/', 'ok');
  websocket!.get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
  await websocket!.until('Switching');
  slow!.get('/slow');
  await (await Connection.open(worker.port)).request('/', 'ok');
  expect(await worker.draining()).toMatchObject({ connections: 4 });
  expect(await slow!.until('slow')).toContain('Connection: close');
  expect(await idle!.request('/', 'ok')).toContain('Connection: close');
  await websocket!.until('\x88\x02\x03\xe9');
  websocket!.socket.end();
  expect(await worker.exit()).toEqual(clean);
});

test('drains several plain TCP servers', async () => {
  const path = `${primary.folder}/net`;
  const worker = primary.fork('net.cjs', [path]);
  await worker.until(() => worker.messages.at(0));
  const clients = await Promise.all([Connection.open(worker.port), Connection.open(path)]);
  for (const client of clients) {
    client.send('one');
    await client.until('one');
  }
  expect(await worker.draining()).toMatchObject({ connections: 2 });
  for (const client of clients) {
    client.send('two');
    await client.until('two');
    client.socket.end();
  }
  expect(await worker.exit()).toEqual(clean);
});
