import { expect, onTestFinished, test } from 'vitest';
import { type Client, connect } from '../../src/protocol/public/client.ts';
import { methods } from '../../src/protocol/table.ts';
import * as control from '../cli/support/control.ts';

async function clientOf(answers: Record<string, control.Answer>) {
  const server = await control.fakeControl(control.temporaryFolder(), answers);
  const client = await connect(server.ipcFile);
  onTestFinished(() => client.close());
  return { server, client };
}

async function namesOf(events: AsyncIterable<{ event: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { event } of events) names.push(event);
  return names;
}

const spawn = control.event('SpawnNew', control.counts(1));

test('every method of the table is there, by its name', async () => {
  const { client } = await clientOf({});
  for (const name of Object.keys(methods)) {
    const method = name.split('.').reduce<unknown>((at, word) => (at as Record<string, unknown>)[word], client);
    expect(method).toBeTypeOf('function');
  }
});

test('awaited, a call returns its result, and sends nothing before', async () => {
  const { server, client } = await clientOf({ 'GET /status': control.json(control.status()) });
  const call = client.status();
  expect(server.requests).toEqual([]);
  expect(await call).toEqual(control.status());
  expect(await call).toEqual(control.status());
  expect(server.requests).toHaveLength(1);
});

test('iterated, it yields its events, and then has its result', async () => {
  const { server, client } = await clientOf({
    'POST /deploy': control.ndjson([spawn, { result: control.outcome() }]),
  });
  const deploy = client.deploy({ workerCount: 2 });
  expect(await namesOf(deploy)).toEqual(['SpawnNew']);
  expect(await deploy).toEqual(control.outcome());
  expect(server.requests).toMatchObject([{ accept: 'application/x-ndjson', body: { workerCount: 2 } }]);
});

test('its error is thrown by the events, and by the call afterwards', async () => {
  const { client } = await clientOf({
    'POST /deploy': control.ndjson([spawn, control.errorLine('deploy-failed', 'exit code 1')]),
  });
  const deploy = client.deploy();
  const error = { name: 'CallError', kind: 'deploy-failed', message: 'exit code 1' };
  await expect(namesOf(deploy)).rejects.toMatchObject(error);
  await expect(deploy).rejects.toMatchObject(error);
});

test('by its name, and with a dot in it', async () => {
  const answer = control.ndjson([{ result: control.outcome() }]);
  const { server, client } = await clientOf({ 'POST /deploy/abort': answer });
  expect(await client.deploy.abort()).toEqual(control.outcome());
  expect(await client.call('deploy.abort')).toEqual(control.outcome());
  expect(server.requests).toHaveLength(2);
});

test('a deploy whose connection is lost goes on with what the next control process tells', async () => {
  const [later, last] = [control.event('NewOnline', control.counts()), control.event('Ready', control.counts())];
  const { server, client } = await clientOf({
    'POST /deploy': control.ndjson([spawn, later]),
    [`GET /operation?since=${later.seq}`]: control.ndjson([last, { result: control.outcome() }]),
  });
  const deploy = client.deploy();
  expect(await namesOf(deploy)).toEqual(['SpawnNew', 'NewOnline', 'Ready']);
  expect(await deploy).toEqual(control.outcome());
  expect(server.requests.map(({ route }) => route)).toEqual(['POST /deploy', `GET /operation?since=${later.seq}`]);
});

test('who leaves the events ends the following alone, and has no result', async () => {
  let left = () => {};
  const closed = new Promise<void>((resolve) => {
    left = resolve;
  });
  const { client } = await clientOf({
    'POST /deploy': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(spawn)}\n`);
      response.once('close', left);
    },
  });
  const deploy = client.deploy();
  for await (const { event } of deploy) {
    expect(event).toBe('SpawnNew');
    break;
  }
  await closed;
  await expect(deploy).rejects.toMatchObject({ kind: 'unavailable' });
});

test('the events of one call can be read once', async () => {
  const { client } = await clientOf({ 'POST /stop': control.ndjson([spawn, { result: control.outcome() }]) });
  const stop = client.stop();
  await namesOf(stop);
  await expect(namesOf(stop)).rejects.toThrow('once');
});

test('a signal ends the following with its reason', async () => {
  const { client } = await clientOf({ 'POST /deploy': (response) => control.begin(response) });
  const reason = new Error('enough');
  await expect(client.deploy({}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('a server that is not there is told with the code of the system', async () => {
  const client: Client = await connect(`${control.temporaryFolder()}/naught.ipc`);
  onTestFinished(() => client.close());
  await expect(client.status()).rejects.toMatchObject({ kind: 'unavailable', detail: { code: 'ENOENT' } });
});
