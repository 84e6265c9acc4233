import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const byItself = { code: 5, signal: null };
const byPreload = { code: 0, signal: null };

const recipe = (name: string) => primary.serve('recipes.cjs', [name]);

describe('an application that does something about shutdown ends the process itself:', () => {
  test.each([
    'close',
    'exit',
    'once',
    'prepended once',
    'worker',
    'database',
    'elsewhere: database',
    'elsewhere: server',
    'elsewhere: timer',
    'elsewhere: loop',
  ])('%s', async (name) => {
    const worker = await recipe(name);
    worker.leave();
    expect(await worker.exit()).toEqual(byItself);
    expect(worker.reports.filter(({ type }) => type === 'drained' || type === 'cut')).toEqual([
      { type: 'drained', left: { requests: 0, streams: 0, websockets: 0, other: 0 } },
    ]);
  });

  test('a signal to itself is one way', async () => {
    const worker = await recipe('signals itself');
    worker.leave();
    expect(await worker.leaving()).toBe('app');
    expect(await worker.exit()).toEqual(byPreload);
  });

  test('onShutdown() is another, and may take its time', async () => {
    const worker = await primary.serve('guarded.mjs', [primary.workerModule, 'shutdown']);
    worker.leave();
    expect(await worker.leaving()).toBe('app');
    expect(await worker.exit()).toEqual({ code: 3, signal: null });
    expect(worker.output).toContain('leaving\nleft\n');
  });
});

test.each(['metrics', 'logger', 'asynchronous', 'echo', 'bound', 'disconnect', 'throws'])(
  'one that listens for something else leaves as an ordinary one: %s',
  async (name) => {
    const worker = await recipe(name);
    worker.leave();
    expect(await worker.leaving()).toBe('preload');
    expect(await worker.exit()).toEqual(byPreload);
  },
);

test.each(['close', 'exit', 'disconnect'])(
  'hears shutdown when its HTTP connections have gone, and loses none: %s',
  async (name) => {
    const worker = await recipe(name);
    const [slow, idle] = await Promise.all([Connection.open(worker.port), Connection.open(worker.port)]);
    slow.get('/slow');
    await idle.request('/', 'ok');
    await worker.draining();
    expect(await slow.until('slow')).toContain('Connection: close');
    expect(await idle.request('/', 'ok')).toContain('Connection: close');
    expect(await Promise.all([slow.ended, idle.ended])).toEqual(['end', 'end']);
    await worker.exit();
    expect(worker.reports.map(({ type }) => type)).not.toContain('cut');
  },
);

test('reports what an exit of the application cuts', async () => {
  const worker = await recipe('exit');
  const [slow, idle] = await Promise.all([Connection.open(worker.port), Connection.open(worker.port)]);
  slow.get('/slow');
  await idle.request('/', 'ok');
  worker.shutdown();
  expect(await worker.exit()).toEqual(byItself);
  expect(await worker.report('cut')).toEqual({
    type: 'cut',
    connections: { requests: 1, streams: 0, websockets: 0, other: 0 },
  });
});

test('is not hurried, once it has heard', async () => {
  const worker = await primary.serve('server.cjs', [{ handler: 'named', timer: true }]);
  const client = await Connection.open(worker.port);
  await client.request('/events', 'data: 1');
  worker.leave();
  expect(await worker.report('drained')).toMatchObject({ left: { streams: 1 } });
  expect(await worker.leaving()).toBe('app');
  client.socket.end();
  await client.ended;
  // Longer than a process that naught ends would be waited for.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(worker.exited).toBe(false);
  worker.cut();
  expect(await worker.exit()).toEqual(byPreload);
});

test('with drain app it hears at once, and naught does nothing', async () => {
  const worker = await primary.serve('server.cjs', [{ handler: 'nothing' }], { drain: 'app', lingerMs: 0 });
  const client = await Connection.open(worker.port);
  client.get('/slow');
  // The request is there before the shutdown is: the same process answers a later one.
  await (await Connection.open(worker.port)).request('/', 'ok');
  worker.shutdown();
  expect(await worker.leaving()).toBe('app');
  expect(await client.until('slow')).not.toContain('Connection: close');
  worker.kill('SIGKILL');
});

test('says what it waits for, when that changes', async () => {
  const worker = await primary.serve('server.cjs', [{ websocket: true }], { spreadMs: 600_000 });
  const [events, idle] = await Promise.all([Connection.open(worker.port), Connection.open(worker.port)]);
  await events.request('/events', 'data: 1');
  await idle.request('/', 'ok');
  worker.leave();
  expect(await worker.report('holding')).toMatchObject({ left: { requests: 0, streams: 1, websockets: 0, idle: 1 } });
  idle.socket.end();
  await worker.until(() => worker.reports.find((report) => report.type === 'holding' && report.left.idle === 0));
});

test('an onShutdown() that fails is printed, and exits 1', async () => {
  const worker = await primary.serve('guarded.mjs', [primary.workerModule, 'shutdown-fails']);
  worker.leave();
  expect(await worker.exit()).toEqual({ code: 1, signal: null });
  expect(worker.output).toContain('Error: cannot leave');
});
