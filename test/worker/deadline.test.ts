import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

test('ends what can be ended properly, reports what is cut, and exits', async () => {
  const worker = await primary.serve('server.cjs', [{ upgrade: true, websocket: true, slow: 60_000 }], {
    spreadMs: 600_000,
  });
  const open = () => Connection.open(worker.port);
  const [events, slow, upload, half, idle, websocket] = await Promise.all([
    open(),
    open(),
    open(),
    open(),
    open(),
    open(),
  ]);
  await idle.request('/', 'ok');
  await events.request('/events', 'data: 1');
  slow.get('/slow');
  half.send('GET / HTTP/1.1\r\nHo');
  upload.send('POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n');
  await upload.until('100 Continue');
  websocket.get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n');
  await websocket.until('\r\n\r\n');
  expect(await worker.draining()).toMatchObject({ connections: 6 });

  worker.cut();
  expect(await worker.report('cut')).toEqual({
    type: 'cut',
    connections: { requests: 2, streams: 1, websockets: 1, other: 1 },
  });
  await Promise.all([events.until('0\r\n\r\n'), websocket.until('\x88\x02\x03\xe9')]);
  expect(await idle.ended).toBe('end');
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test.each([false, true])(
  'answers on the connection of a stream that it has cut, and waits for the client (SIGTERM before: %s)',
  async (signalled) => {
    const worker = await primary.serve('server.cjs');
    if (signalled) {
      worker.kill('SIGTERM');
      await worker.message();
    }
    const [reused, left] = [await Connection.open(worker.port), await Connection.open(worker.port)];
    for (const client of [reused, left]) await client.request('/events', 'data: 1');
    worker.leave();
    await worker.report('leaving');
    worker.cut();
    for (const client of [reused, left]) await client.until('0\r\n\r\n');
    expect(await reused.request('/', 'ok')).toContain('Connection: close');
    expect(await Promise.all([reused.ended, left.ended])).toEqual(['end', 'end']);
    expect(await worker.exit()).toEqual({ code: 0, signal: null });
  },
);

test('does not exit under the SIGTERM handlers of the application', async () => {
  const worker = await primary.serve('server.cjs', [{ sigterm: 'ignore' }], { lingerMs: 0 });
  const client = await Connection.open(worker.port);
  await client.request('/events', 'data: 1');
  worker.leave();
  await worker.report('draining');
  worker.cut();
  await worker.report('cut');
  await worker.said('SIGTERM');
  expect(await client.ended).toBe('end');
  // Everybody is gone, and the process with them: nothing holds it.
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});
