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
  worker.leave();
  for (const kept of [slow, idle]) expect(await kept!.request('/', 'ok')).toContain('Connection: close');
  expect(await worker.exit()).toEqual({ code: 1, signal: null });
  expect(worker.output).toContain(`Error: ${message}\n    at`);
});

test.each([
  ['100-continue', '/throw', 'Content-Length: 2\r\nExpect: 100-continue\r\n'],
  ['an upgrade', '/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
])('an uncaught error of a request for %s fails that one', async (_what, path, headers) => {
  const worker = await guarded('guard-others');
  const [crash, slow] = await Promise.all([Connection.open(worker.port), Connection.open(worker.port)]);
  await slow.request('/slow', '100 Continue');
  crash.get(path, headers);
  expect(await crash.until('\r\n\r\n')).toContain('500 Internal Server Error');
  await crash.ended;
  expect(await slow.until('slow')).toContain('200 OK');
  worker.leave();
  slow.socket.end();
  expect(await worker.exit()).toEqual({ code: 1, signal: null });
});

test('a response that has begun is cut, so that nobody takes the part for the whole', async () => {
  const worker = await guarded('guard');
  const crash = await Connection.open(worker.port);
  await crash.request('/half', 'half');
  await crash.ended;
  expect(crash.received).toBe('');
  worker.leave();
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

/** `naught2/worker` in a process that no primary has forked, once it serves. */
async function alone(task: string) {
  const child = spawn(process.execPath, [fixture('guarded.mjs'), primary.workerModule, task]);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, exit, output: () => output };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'without naught %s runs onShutdown, waits for it, and then ends the process',
  async (signal) => {
    const { child, exit, output } = await alone('shutdown');
    child.kill(signal);
    expect(await exit).toEqual([null, signal]);
    expect(output()).toContain('leaving\nleft\n');
  },
);

test('without naught a second signal ends the process at once', async () => {
  const { child, exit, output } = await alone('shutdown-hangs');
  child.kill('SIGINT');
  while (!output().includes('leaving')) await once(child.stdout, 'data');
  child.kill('SIGINT');
  expect(await exit).toEqual([null, 'SIGINT']);
});

test('without naught a program that listens to the signal too decides when it ends', async () => {
  const { child, exit, output } = await alone('shutdown-and-signal');
  child.kill('SIGTERM');
  expect(await exit).toEqual([4, null]);
  expect(output()).toContain('leaving\nclosed\n');
});

test('without naught an onShutdown() that fails exits 1', async () => {
  const { child, exit } = await alone('shutdown-fails');
  child.kill('SIGTERM');
  expect(await exit).toEqual([1, null]);
});

test('under another primary onShutdown runs on its shutdown, and the process leaves by itself', async () => {
  const args = [fixture('other-primary.mjs'), fixture('guarded.mjs'), primary.workerModule, 'shutdown'];
  const child = spawn(process.execPath, args);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  expect(await once(child, 'close')).toEqual([3, null]);
  expect(output).toContain('leaving\nleft\n');
});

test('offline is said, and false without naught', async () => {
  const worker = await guarded('offline');
  await worker.said('"said":true');
  expect(await worker.until(() => worker.messages.find((said) => said === 'offline'))).toBe('offline');
});
