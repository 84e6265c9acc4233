import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

test.each(['message', 'once', 'prependOnce', 'worker', 'later'])(
  'an application with a handler of its own leaves by itself (%s)',
  async (handler) => {
    const worker = await primary.serve('server.cjs', [{ handler }]);
    expect(await worker.draining()).toMatchObject({ by: 'app' });
    expect(await worker.exit()).toEqual({ code: 5, signal: null });
    // Its server.close(callback) found a server that listens, or was told that it does no more.
    expect(worker.output).toBe('closed well\n');
  },
);

test('a SIGTERM handler of the application may close its server', async () => {
  const worker = await primary.serve('server.cjs', [{ sigterm: 'close', timer: true }]);
  worker.shutdown();
  expect(await worker.exit()).toEqual({ code: 8, signal: null });
});

test('helps an application with a handler of its own: no new connections, and the others end', async () => {
  const worker = await primary.serve('server.cjs', [{ handler: 'nothing', timer: true }]);
  const client = await Connection.open(worker.port);
  await client.request('/', 'ok');
  expect(await worker.draining()).toMatchObject({ by: 'app', connections: 1 });
  expect(await client.request('/', 'ok')).toContain('Connection: close');
  await expect(Connection.open(worker.port)).rejects.toBe('ECONNREFUSED');
  // Whatever it waits for, it is not hurried.
  expect(worker.exited).toBe(false);
  worker.kill('SIGTERM');
  expect(await worker.exit()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('does nothing with drain app', async () => {
  const worker = await primary.serve('server.cjs', [{ handler: 'nothing' }], { drain: 'app', lingerMs: 0 });
  const client = await Connection.open(worker.port);
  client.get('/slow');
  // The request is there before the shutdown is: the same process answers a later one.
  await (await Connection.open(worker.port)).request('/', 'ok');
  expect(await worker.draining()).toMatchObject({ by: 'app' });
  expect(await client.until('slow')).not.toContain('Connection: close');
  worker.kill('SIGKILL');
});

test('onShutdown() is a handler of the application, and may take its time', async () => {
  const worker = await primary.serve('guarded.mjs', [primary.workerModule, 'shutdown']);
  expect(await worker.draining()).toMatchObject({ by: 'app' });
  expect(await worker.exit()).toEqual({ code: 3, signal: null });
  expect(worker.output).toContain('leaving\nleft\n');
});

test('an onShutdown() that fails is printed, and exits 1', async () => {
  const worker = await primary.serve('guarded.mjs', [primary.workerModule, 'shutdown-fails']);
  worker.shutdown();
  expect(await worker.exit()).toEqual({ code: 1, signal: null });
  expect(worker.output).toContain('Error: cannot leave');
});
