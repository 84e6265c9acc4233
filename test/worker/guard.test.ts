import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { fixture, Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const guarded = (task: string) => primary.serve('guarded.mjs', [primary.workerModule, task]);

test.each([
  ['/throw', 'thrown'],
  ['/reject', 'rejected'],
])('an uncaught error of %s fails one request, and the worker leaves when it is replaced', async (path, message) => {
  const worker = await guarded('guard');
  const [crash, slow, idle] = await Promise.all([1, 2, 3].map(() => Connection.open(worker.port)));
  await idle!.request('/', 'ok');
  await slow!.request('/slow', '100 Continue');
  crash!.get(path);
  expect(await crash!.until('\r\n\r\n')).toContain('500 Internal Server Error');
  await crash!.ended;
  await worker.until(() => worker.messages.find((said) => said === 'offline'));
  expect(await slow!.until('slow')).toContain('200 OK');
  // It serves until its replacement does.
  const next = await Connection.open(worker.port);
  expect(await next.request('/', 'ok')).toContain('Connection: close');
  worker.shutdown();
  for (const kept of [slow, idle]) expect(await kept!.request('/', 'ok')).toContain('Connection: close');
  expect(await worker.exit()).toEqual({ code: 1, signal: null });
  expect(worker.output).toContain(`Error: ${message}\n    at`);
});

test('a response that has begun is cut, so that nobody takes the part for the whole', async () => {
  const worker = await guarded('guard');
  const crash = await Connection.open(worker.port);
  await crash.request('/half', 'half');
  await crash.ended;
  expect(crash.received).toBe('');
  worker.shutdown();
  expect(await worker.exit()).toMatchObject({ code: 1 });
});

test('a crash at boot is a crash', async () => {
  const worker = primary.fork('guarded.mjs', [primary.workerModule, 'guard-boot']);
  expect(await worker.exit()).toMatchObject({ code: 1 });
  expect(worker.output).toContain('Error: at boot');
  expect(worker.messages).toEqual([]);
});

test('a daemon that is gone is not waited for', async () => {
  const worker = await guarded('guard');
  const crash = await Connection.open(worker.port);
  await worker.draining();
  crash.get('/throw');
  await crash.until('500');
  expect(await worker.exit()).toMatchObject({ code: 1 });
});

test('guard works without naught', async () => {
  const child = spawn(process.execPath, [fixture('guarded.mjs'), primary.workerModule, 'guard']);
  const [line] = await once(child.stdout, 'data');
  const { port, said } = JSON.parse(line);
  expect(said).toBe(false);
  const [crash, slow] = await Promise.all([Connection.open(port), Connection.open(port)]);
  await slow.request('/slow', '100 Continue');
  crash.get('/throw');
  expect(await crash.until('\r\n\r\n')).toContain('500');
  expect(await slow.until('slow')).toContain('200 OK');
  expect(await once(child, 'exit')).toEqual([1, null]);
});

test('onShutdown runs on SIGTERM without naught', async () => {
  const child = spawn(process.execPath, [fixture('guarded.mjs'), primary.workerModule, 'shutdown']);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  while (!output.includes('left')) await once(child.stdout, 'data');
  // A second signal ends it as usual: its server listens on.
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM']);
});

test('offline is said, and false without naught', async () => {
  const worker = await guarded('offline');
  await worker.said('"said":true');
  expect(await worker.until(() => worker.messages.find((said) => said === 'offline'))).toBe('offline');
});
