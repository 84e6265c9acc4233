import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const runsTypeScript = (process.features as { typescript?: unknown }).typescript === 'strip';

test('says online for a server that knows nothing of naught, and reports where it listens', async () => {
  const worker = await primary.serve('server.cjs');
  expect(await worker.listening()).toEqual({ type: 'listening', address: `127.0.0.1:${worker.port}` });
  expect(await worker.message()).toBe('online');
});

test('says nothing in message mode, and reports all the same', async () => {
  const worker = await primary.serve('server.cjs', [{}], { onlineOn: 'message' });
  worker.shutdown();
  await worker.exit();
  expect(worker.messages).toEqual([]);
});

test('leaves it to the application in message mode', async () => {
  const worker = await primary.serve('server.cjs', [{ online: true }], { onlineOn: 'message' });
  expect(await worker.message()).toBe('online');
});

test('does not repeat what online() has said', async () => {
  const worker = await primary.serve('guarded.mjs', [primary.workerModule, 'online']);
  await worker.said('"said":true');
  worker.shutdown();
  await worker.exit();
  expect(worker.messages).toEqual(['online']);
});

test('reports the path of a Unix socket', async () => {
  const path = join(await mkdtemp(join(primary.folder, 'socket-')), 's');
  const worker = await primary.serve('server.cjs', [{ path }]);
  expect(await worker.listening()).toEqual({ type: 'listening', address: path });
});

test('works with an ES module', async () => {
  const worker = await primary.serve('module.mjs');
  const client = await Connection.open(worker.port);
  await client.request('/', 'module');
  client.socket.end();
  worker.shutdown();
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test.runIf(runsTypeScript)('works with TypeScript', async () => {
  const worker = await primary.serve('typed.ts');
  const client = await Connection.open(worker.port);
  await client.request('/', 'typed');
  client.socket.end();
  worker.shutdown();
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('children and threads of a worker see nothing of the preload', async () => {
  const worker = primary.fork('offspring.cjs', [], {}, ['--no-deprecation']);
  const nothing = { execArgv: ['--no-deprecation'], options: null, registry: false, listening: false };
  expect(await worker.message()).toMatchObject({
    child: nothing,
    thread: { options: null, registry: false, listening: false },
    worker: { execArgv: ['--no-deprecation'], options: null, requests: false, listening: true },
  });
});

test('shows its title, and keeps its options out of the environment', async () => {
  const worker = await primary.serve('server.cjs');
  const client = await Connection.open(worker.port);
  await client.request('/about', 'naught test worker undefined');
});

test('a SIGTERM from elsewhere ends a worker that is not leaving, as ever', async () => {
  const worker = await primary.serve('server.cjs');
  worker.kill('SIGTERM');
  expect(await worker.exit()).toEqual({ code: null, signal: 'SIGTERM' });
});
