import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { fixture, Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const runsTypeScript = (process.features as { typescript?: unknown }).typescript === 'strip';

test('reports each server that listens, and where', async () => {
  const worker = await primary.serve('net.cjs', [`${primary.folder}/net`]);
  await worker.until(() => worker.reports.at(1));
  expect(worker.reports).toEqual([
    { type: 'serving', address: '127.0.0.1', port: worker.port },
    { type: 'serving', path: `${primary.folder}/net` },
  ]);
});

// As pnpm, npm link and workspaces lay them out. What is not resolved is loaded twice, and misses what lies beside it.
test('loads a package behind a symbolic link from where it lies', async () => {
  const path = (name: string) => join(primary.folder, name);
  mkdirSync(path('store/linked'), { recursive: true });
  mkdirSync(path('node_modules'));
  writeFileSync(path('store/linked/index.js'), 'exports.where = __filename;');
  symlinkSync(path('store/linked'), path('node_modules/linked'));
  writeFileSync(path('linked.mjs'), "import { where } from 'linked'; console.log(where);");
  const worker = primary.fork(relative(fixture(''), path('linked.mjs')));
  await worker.said('index.js');
  expect(worker.output.trim()).toBe(path('store/linked/index.js'));
});

test('says nothing for the application', async () => {
  const worker = await primary.serve('server.cjs');
  worker.leave();
  await worker.exit();
  expect(worker.messages).toEqual([]);
});

test('leaves it to the application to say online', async () => {
  const worker = await primary.serve('server.cjs', [{ online: true }]);
  expect(await worker.message()).toBe('online');
});

test('online() says it once', async () => {
  const worker = await primary.serve('guarded.mjs', [primary.workerModule, 'online']);
  await worker.said('"said":true');
  worker.leave();
  await worker.exit();
  expect(worker.messages).toEqual(['online']);
});

test('works with an ES module', async () => {
  const worker = await primary.serve('module.mjs');
  const client = await Connection.open(worker.port);
  await client.request('/', 'module');
  client.socket.end();
  worker.leave();
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test.runIf(runsTypeScript)('works with TypeScript', async () => {
  const worker = await primary.serve('typed.ts');
  const client = await Connection.open(worker.port);
  await client.request('/', 'typed');
  client.socket.end();
  worker.leave();
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('children and threads of a worker see nothing of the preload', async () => {
  const worker = primary.fork('offspring.cjs', [], {}, ['--no-deprecation']);
  const nothing = { execArgv: ['--no-deprecation'], options: null, registry: false, listening: false };
  expect(await worker.message()).toMatchObject({
    child: nothing,
    thread: { options: null, registry: false, listening: false },
    worker: { execArgv: ['--no-deprecation'], options: null, requests: true, listening: true },
  });
});

test('shows its title, and keeps its options out of the environment', async () => {
  const worker = await primary.serve('server.cjs');
  const client = await Connection.open(worker.port);
  await client.request('/about', 'naught test worker undefined');
});

test('a report for which there is no room in the pipe comes when there is', async () => {
  const worker = primary.fork('full-pipe.cjs');
  await worker.serving();
  expect(worker.reports.filter(({ type }) => type === 'serving')).toHaveLength(1);
});
