import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { latencyBounds } from '../../src/daemon/worker-link.ts';
import { Connection } from './client.ts';
import { Primary, type TestWorker } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

/** Waits until all of its servers listen. */
async function serve(app: { kind: string; status?: number; body?: string }): Promise<TestWorker> {
  const worker = await primary.serve('healthy.cjs', [app]);
  const serving = () => worker.reports.filter(({ type }) => type === 'serving').length;
  await worker.until(() => serving() === (app.kind === 'two' ? 2 : 1) || undefined);
  return worker;
}

const kinds = ['http', 'https', 'mutual', 'http2', 'http2s', 'express', 'fastify', 'fed', 'two'];

test.each(kinds)('asks the own server of a worker for its health: %s', async (kind) => {
  const well = await serve({ kind });
  expect(await well.probe('/health')).toMatchObject({ status: 200, body: 'well' });
  if (kind !== 'two') expect(await well.probe('/nowhere')).toMatchObject({ status: 404 });
  const sick = await serve({ kind, status: 503, body: 'x'.repeat(1_000) });
  expect(await sick.probe('/health')).toMatchObject({ status: 503, body: 'x'.repeat(500) });
});

test('a probe comes from this host, and over TLS where the server is one of TLS', async () => {
  for (const [kind, secure] of Object.entries({ http: false, https: true })) {
    const worker = await primary.serve('healthy.cjs', [{ kind }]);
    const { body } = await worker.probe('/who');
    expect(body).toBe(`127.0.0.1 ${secure} 127.0.0.1:${worker.port}`);
  }
});

test('says what cannot be probed, and what to do about it', async () => {
  const silent = await primary.serve('healthy.cjs', [{ kind: 'http' }]);
  expect((await silent.probe('/never', 100)).error).toBe('no answer within 0.1 s');
  const echo = await primary.serve('healthy.cjs', [{ kind: 'net' }]);
  expect((await echo.probe('/health', 100)).error).toMatch(/^its server speaks no HTTP .*--health none/);
  const none = primary.fork('healthy.cjs', [{ listen: false }]);
  expect((await none.probe('/health')).error).toMatch(/^no server of it listens .*--health none/);
});

test('probes are neither counted nor waited for', async () => {
  for (const kind of ['http', 'http2', 'fed']) {
    const worker = await primary.serve('healthy.cjs', [{ kind }]);
    for (let time = 0; time < 3; time++) await worker.probe('/health');
    const unanswered = worker.probe('/never', 60_000);
    expect((await worker.draining()).connections).toBe(0);
    expect(await worker.exit()).toEqual({ code: 0, signal: null });
    expect(worker.reports.filter(({ type }) => type === 'holding' || type === 'cut')).toEqual([]);
    const counted = worker.reports.flatMap((each) =>
      each.type === 'load' ? [each.latency.count, ...each.answers] : 0,
    );
    expect(new Set(counted)).toEqual(new Set([0]));
    void unanswered.catch(() => {});
  }
});

test.each(['http', 'https', 'http2', 'http2s'])(
  'counts finished answers by class, and how long they took: %s',
  async (kind) => {
    const worker = await primary.serve('healthy.cjs', [{ kind, status: 503 }]);
    const get = clientOf(kind, worker.port);
    for (const path of ['/health', '/health', '/nowhere', '/slow']) await get(path);
    const { latency } = await worker.until(() => {
      const load = worker.reports.findLast((report) => report.type === 'load');
      return load?.answers.join() === '0,0,0,2,2' ? load : undefined;
    });
    const { count, sum, buckets } = latency;
    expect({ count, counted: buckets.reduce((all, one) => all + one) }).toEqual({ count: 4, counted: 4 });
    // The slow one took 300 ms.
    expect(sum).toBeGreaterThan(0.25);
    expect(buckets.slice(latencyBounds.indexOf(0.5)).some((number) => number > 0)).toBe(true);
  },
);

test('times each of the requests that are sent ahead of their answers from its own beginning', async () => {
  const worker = await primary.serve('healthy.cjs', [{ kind: 'http' }]);
  const connection = await Connection.open(worker.port);
  connection.get('/slow');
  await setTimeout(200);
  connection.get('/slow');
  const { latency } = await worker.until(() => {
    const load = worker.reports.findLast((report) => report.type === 'load');
    return load?.answers.join() === '0,0,0,2,0' ? load : undefined;
  });
  // 300 ms each.
  expect(latency.sum).toBeGreaterThan(0.59);
});

function clientOf(kind: string, port: number): (path: string) => Promise<unknown> {
  const tls = kind.endsWith('s');
  if (!kind.startsWith('http2')) {
    return async (path) => (await Connection.open(port, tls)).request(path, 'well');
  }
  const session = connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, { rejectUnauthorized: false });
  return (path) => text(session.request({ ':path': path }).end());
}
