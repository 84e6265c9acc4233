import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const clean = { code: 0, signal: null };
const bySignal = { code: null, signal: 'SIGTERM' };

test('a worker that serves asks to be replaced when a platform sends it SIGTERM, and serves until it is drained', async () => {
  const worker = await primary.serve('server.cjs');
  const client = await Connection.open(worker.port);
  client.get('/slow');
  worker.kill('SIGTERM');
  expect(await worker.message()).toBe('offline');
  expect(await client.until('slow')).not.toContain('Connection: close');
  await (await Connection.open(worker.port)).request('/', 'ok');
  await worker.draining();
  expect(await client.request('/', 'ok')).toContain('Connection: close');
  expect(await worker.exit()).toEqual(clean);
});

test('one whose supervisor was signalled too is only drained', async () => {
  const worker = await primary.serve('server.cjs');
  const client = await Connection.open(worker.port);
  client.get('/slow');
  await (await Connection.open(worker.port)).request('/', 'ok');
  worker.kill('SIGTERM');
  worker.leave();
  expect(await client.until('slow')).toContain('Connection: close');
  expect(await worker.exit()).toEqual(clean);
  expect(worker.messages).toEqual([]);
});

test('one that does not serve dies of it, as ever', async () => {
  const worker = primary.fork('offspring.cjs');
  await worker.message();
  worker.kill('SIGTERM');
  expect(await worker.exit()).toEqual(bySignal);
});

test.each(['close', 'exit', 'once'])(
  'handlers of the application have it when the worker is drained, and lose nothing: %s',
  async (sigterm) => {
    const worker = await primary.serve('server.cjs', [{ sigterm, timer: true }]);
    const [slow, idle] = await Promise.all([Connection.open(worker.port), Connection.open(worker.port)]);
    slow.get('/slow');
    await idle.request('/', 'ok');
    worker.kill('SIGTERM');
    expect(await worker.message()).toBe('offline');
    await worker.draining();
    expect(await slow.until('slow')).toContain('Connection: close');
    expect(await idle.request('/', 'ok')).toContain('Connection: close');
    expect((await worker.exit()).code).toBeGreaterThan(6);
    expect(worker.output).not.toContain('twice');
  },
);

test('the handlers run at the end of a drain too, and may close a server that was closed', async () => {
  const worker = await primary.serve('server.cjs', [{ sigterm: 'close', timer: true }]);
  worker.leave();
  expect(await worker.exit()).toEqual({ code: 8, signal: null });
});

test('a library that ends the process by the signal once more ends it', async () => {
  const worker = await primary.serve('server.cjs', [{ sigterm: 'again', timer: true }]);
  worker.kill('SIGTERM');
  worker.leave();
  expect(await worker.exit()).toEqual(bySignal);
});
