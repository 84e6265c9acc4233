import { Agent, get } from 'node:http';
import { type ClientHttp2Session, connect, constants } from 'node:http2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Exit, Primary, type TestWorker } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

/** What the servers promise to idle connections, in milliseconds. The clients think less long than this. */
const keepAliveTimeout = 1_000;

const answer = (port: number, path: string, agent: Agent | false) =>
  new Promise<void>((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent: agent as Agent }, (response) => {
      response.on('error', reject).on('end', resolve).resume();
      if (response.statusCode !== 200) reject(new Error(String(response.statusCode)));
    });
    request.on('error', reject);
  });

/** Replaces the oldest worker, again and again; the exits of those that leave. */
const replace = async (workers: TestWorker[], serve: () => Promise<TestWorker>, times: number) => {
  const leaving: Promise<Exit>[] = [];
  for (let time = 0; time < times; time += 1) {
    workers.push(await serve());
    const old = workers.shift()!;
    await old.draining();
    leaving.push(old.exit());
    await pause(200);
  }
  return leaving;
};

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test('loses no request while workers are replaced one after the other', async () => {
  const serve = () => primary.serve('server.cjs', [{ keepAliveTimeout, slow: 300 }]);
  const workers: TestWorker[] = await Promise.all([serve(), serve()]);
  const { port } = workers[0]!;
  const counts = { answered: 0, failed: [] as string[] };
  let stopped = false;

  const client = async (path: string, think: () => number, agent: Agent | false) => {
    while (!stopped) {
      await answer(port, path, agent).then(
        () => {
          counts.answered += 1;
        },
        (error) => counts.failed.push(`${path} ${think()} ${error.code ?? error}`),
      );
      await pause(think());
    }
    if (agent) agent.destroy();
  };
  const keepAlive = () => new Agent({ keepAlive: true, maxSockets: 1 });
  const many = (count: number, start: () => Promise<void>) => Array.from({ length: count }, start);
  const clients = [
    ...many(4, () => client('/', () => 2, false)),
    ...many(4, () => client('/', () => 1, keepAlive())),
    ...many(20, () => client('/', () => Math.random() * 0.8 * keepAliveTimeout, keepAlive())),
    ...many(4, () => client('/slow', () => 5, keepAlive())),
  ];

  const leaving = await replace(workers, serve, 12);
  const exits = await Promise.all(leaving);
  stopped = true;
  await Promise.all(clients);

  expect(counts.failed).toEqual([]);
  expect(counts.answered).toBeGreaterThan(1_000);
  expect(exits).toEqual(exits.map(() => ({ code: 0, signal: null })));
});

test('loses no HTTP/2 request; one that is refused may be sent again', async () => {
  const serve = () => primary.serve('http2.cjs', ['plain']);
  const workers = await Promise.all([serve(), serve()]);
  const { port } = workers[0]!;
  const counts = { answered: 0, refused: 0, failed: [] as unknown[] };
  let stopped = false;

  const ask = (session: ClientHttp2Session) =>
    new Promise<number>((resolve, reject) => {
      const request = session.request({ ':path': '/' });
      request.on('error', () => {});
      request.on('response', ({ ':status': status }) => {
        request.on('end', () => resolve(status ?? 0)).resume();
      });
      request.on('close', () => reject(request.rstCode));
    });
  const client = async () => {
    let session: ClientHttp2Session | undefined;
    while (!stopped) {
      if (!session || session.closed || session.destroyed) {
        session = connect(`http://127.0.0.1:${port}`).on('error', (error) => counts.failed.push(error));
      }
      await ask(session).then(
        () => {
          counts.answered += 1;
        },
        (code) => {
          if (code === constants.NGHTTP2_REFUSED_STREAM) counts.refused += 1;
          else counts.failed.push(code);
        },
      );
      await pause(Math.random() * 10);
    }
    session?.close();
  };
  const clients = Array.from({ length: 15 }, client);
  const leaving = await replace(workers, serve, 6);
  const exits = await Promise.all(leaving);
  stopped = true;
  await Promise.all(clients);

  expect(counts.failed).toEqual([]);
  expect(counts.answered).toBeGreaterThan(500);
  expect(counts.refused).toBeLessThan(10);
  expect(exits).toEqual(exits.map(() => ({ code: 0, signal: null })));
});
