import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Call } from '../../src/protocol/calls.ts';
import { type Client, connect, connectCode, noAnswer, noAnswerInTime } from '../../src/protocol/client.ts';
import { CallError } from '../../src/protocol/errors.ts';
import { socketPathProblem } from '../../src/protocol/ipc-file.ts';
import * as control from '../cli/support/control.ts';

async function clientOf(answers: Record<string, control.Answer>) {
  const server = await control.fakeControl(control.temporaryFolder(), answers);
  return { server, client: await connected(server.ipcFile) };
}

async function connected(ipcFile: string): Promise<Client> {
  const client = await connect(ipcFile);
  onTestFinished(() => client.close());
  return client;
}

/** The events of a call, and its result or error. */
async function drain<Result>(call: Call<Result>) {
  const events: string[] = [];
  try {
    for (;;) {
      const step = await call.next();
      if (step.done) return { events, result: step.value };
      events.push(step.value.event);
    }
  } catch (error) {
    return { events, error: error as CallError };
  }
}

test('asks for JSON and returns the result of a unary call', async () => {
  const { server, client } = await clientOf({ 'GET /status': control.json(control.status()) });
  expect(await drain(client.call('status', {}))).toEqual({ events: [], result: control.status() });
  expect(server.requests).toEqual([{ route: 'GET /status', accept: 'application/json', body: undefined }]);
});

test('sends the parameters of a GET as its query', async () => {
  const line = { event: 'Line', stream: 'stdout', line: 'a' };
  const end = { lines: 1, skipped: 0 };
  const { client } = await clientOf({
    'GET /logs?lines=5&follow=true&stream=stdout': control.ndjson([line, { result: end }]),
  });
  const call = client.call('logs', { lines: 5, follow: true, stream: 'stdout' }, { stream: true });
  expect(await call.next()).toEqual({ done: false, value: line });
  expect(await call.next()).toEqual({ done: true, value: end });
});

test('yields the events of a stream and returns its result', async () => {
  const lines = [control.event('SpawnNew', control.counts(1)), control.event('Ready', control.counts(0, 1))];
  const { server, client } = await clientOf({
    'POST /deploy': control.ndjson([...lines, { result: control.outcome() }]),
  });
  const ended = await drain(client.call('deploy', { workerCount: 2 }, { stream: true }));
  expect(ended).toEqual({ events: ['SpawnNew', 'Ready'], result: control.outcome() });
  expect(server.requests).toEqual([
    { route: 'POST /deploy', accept: 'application/x-ndjson', body: { workerCount: 2 } },
  ]);
});

test('sends nothing before the first event is asked for', async () => {
  const { server, client } = await clientOf({});
  client.call('stop', {}, { stream: true });
  await client.close();
  expect(server.requests).toEqual([]);
});

test('says when the operation had begun before', async () => {
  const answer = (header: Record<string, string>) => control.ndjson([{ result: control.outcome() }], header);
  const { client } = await clientOf({
    'POST /stop': answer({ 'naught-joined': '1' }),
    'POST /deploy': answer({}),
  });
  const joined: string[] = [];
  await drain(client.call('stop', {}, { stream: true, onJoined: () => joined.push('stop') }));
  await drain(client.call('deploy', {}, { stream: true, onJoined: () => joined.push('deploy') }));
  expect(joined).toEqual(['stop']);
});

test('throws the error of a stream after its events', async () => {
  const lines = [control.event('NewDeath', control.counts()), control.errorLine('deploy-failed', 'exit code 1')];
  const { client } = await clientOf({ 'POST /deploy': control.ndjson(lines) });
  const { events, error } = await drain(client.call('deploy', {}, { stream: true }));
  expect(events).toEqual(['NewDeath']);
  expect(error).toMatchObject({ name: 'CallError', kind: 'deploy-failed', message: 'exit code 1' });
});

test('throws the error of a refusal, with its detail', async () => {
  const refusal = control.problem(409, 'deploy-in-progress', 'a deploy began at 12:00', 1001, { since: '12:00' });
  const { client } = await clientOf({ 'POST /deploy': refusal });
  const { error } = await drain(client.call('deploy', {}, { stream: true }));
  expect(error).toMatchObject({
    kind: 'deploy-in-progress',
    message: 'a deploy began at 12:00',
    detail: { since: '12:00' },
  });
});

test('reads a problem without the error member', async () => {
  const body = { type: 'urn:naught:invalid-params', title: 'Invalid parameters', status: 400, detail: '/timeout: no' };
  const { client } = await clientOf({ 'POST /stop': control.json(body, 400) });
  const { error } = await drain(client.call('stop', {}, { stream: true }));
  expect(error).toMatchObject({ kind: 'invalid-params', message: '/timeout: no' });
});

test('keeps the words of a refusal that is no problem document', async () => {
  const { client } = await clientOf({ 'GET /status': (response) => void response.writeHead(502).end('<h1>no</h1>') });
  const { error } = await drain(client.call('status', {}));
  expect(error).toMatchObject({ kind: 'internal', message: 'the daemon answered 502: <h1>no</h1>' });
});

test.each<[string, control.Answer]>([
  ['ends without its last line', control.ndjson([control.event('SpawnNew', control.counts(1))])],
  [
    'breaks in the midst',
    (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(control.event('SpawnNew', control.counts(1)))}\n{"res`, () =>
        response.destroy(),
      );
    },
  ],
])('a stream that %s is cut short', async (_title, answer) => {
  const { client } = await clientOf({ 'POST /deploy': answer });
  const { events, error } = await drain(client.call('deploy', {}, { stream: true }));
  expect(events).toEqual(['SpawnNew']);
  expect(error).toMatchObject({ kind: 'unavailable', message: 'the daemon ended the answer before its last line' });
  expect(connectCode(error)).toBeUndefined();
});

test('a connection that ends before the answer is told apart from one that cannot be made', async () => {
  const { client } = await clientOf({ 'GET /status': (response) => void response.destroy() });
  const { error } = await drain(client.call('status', {}));
  expect(error).toMatchObject({ kind: 'unavailable' });
  expect(connectCode(error)).toBe(noAnswer);
});

test('a daemon that does not begin to answer in time is told, and an answer that has begun lasts as long as it lasts', async () => {
  const { server } = await clientOf({
    'POST /stop': () => {},
    'POST /deploy': (response) => {
      control.begin(response);
      response.flushHeaders();
      setTimeout(() => response.end(`${JSON.stringify({ result: control.outcome() })}\n`), 3_000);
    },
  });
  const client = await connect(server.ipcFile, 500);
  onTestFinished(() => client.close());
  const [stop, deploy] = await Promise.all([
    drain(client.call('stop', {}, { stream: true })),
    drain(client.call('deploy', {}, { stream: true })),
  ]);
  expect(connectCode(stop.error)).toBe(noAnswerInTime);
  expect(deploy).toMatchObject({ result: control.outcome() });
});

test.each<[string, (path: string) => void]>([
  ['ENOENT', () => {}],
  ['ECONNREFUSED', (path) => writeFileSync(path, '')],
])('keeps the code %s of a connection that fails', async (code, prepare) => {
  const path = join(control.temporaryFolder(), 'naught.ipc');
  prepare(path);
  const { error } = await drain((await connected(path)).call('status', {}));
  expect(error).toBeInstanceOf(CallError);
  expect(connectCode(error)).toBe(code);
});

test('a second call does not wait for the stream of the first', async () => {
  let finish = () => {};
  const { client } = await clientOf({
    'POST /deploy': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(control.event('SpawnNew', control.counts(1)))}\n`);
      finish = () => response.end(`${JSON.stringify(control.errorLine('deploy-aborted', 'aborted', 1005))}\n`);
    },
    'POST /deploy/abort': async (response, request) => {
      finish();
      await control.ndjson([{ result: control.outcome() }])(response, request);
    },
  });
  const deploy = client.call('deploy', {}, { stream: true });
  expect((await deploy.next()).value).toMatchObject({ event: 'SpawnNew' });
  expect(await drain(client.call('deploy.abort', {}, { stream: true }))).toMatchObject({ result: control.outcome() });
  expect((await drain(deploy)).error).toMatchObject({ kind: 'deploy-aborted' });
});

test('a signal ends the following with its reason', async () => {
  const { client } = await clientOf({
    'POST /deploy': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(control.event('SpawnNew', control.counts(1)))}\n`);
    },
  });
  const controller = new AbortController();
  const call = client.call('deploy', {}, { stream: true, signal: controller.signal });
  await call.next();
  const reason = new Error('enough');
  controller.abort(reason);
  expect((await drain(call)).error).toBe(reason);
});

test('closing ends the calls in progress', async () => {
  const { client } = await clientOf({ 'POST /deploy': (response) => control.begin(response) });
  const ended = drain(client.call('deploy', {}, { stream: true }));
  await client.close();
  expect((await ended).error).toMatchObject({ kind: 'unavailable' });
});

test('a path too long for a socket is refused with its length and the limit', async () => {
  const path = `/${'x'.repeat(107)}`;
  expect(socketPathProblem(path.slice(0, 107), 'linux')).toBeUndefined();
  expect(socketPathProblem(path, 'linux')).toContain('is 108 bytes long');
  expect(socketPathProblem(path, 'linux')).toContain('at most 107');
  expect(socketPathProblem(`/${'é'.repeat(52)}`, 'darwin')).toContain(
    "105 bytes long, and a socket's path takes at most 103",
  );
  await expect(connect(path)).rejects.toMatchObject({ kind: 'invalid-params' });
});
