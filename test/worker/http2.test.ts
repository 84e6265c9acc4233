import { type ClientHttp2Session, connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Connection } from './client.ts';
import { Primary } from './support.ts';

let primary: Primary;
beforeAll(async () => {
  primary = await Primary.start();
});
afterEach(() => primary.clear());
afterAll(() => primary.stop());

const open = (port: number, tls: boolean) =>
  connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, { rejectUnauthorized: false });
const get = (session: ClientHttp2Session, path: string) => text(session.request({ ':path': path }).end());
const closed = (session: ClientHttp2Session) => new Promise((resolve) => session.once('close', resolve));

test.each([false, true])('sends GOAWAY, and lets the streams finish (tls: %s)', async (tls) => {
  const worker = await primary.serve('http2.cjs', [tls ? 'tls' : 'plain']);
  const [busy, idle] = [open(worker.port, tls), open(worker.port, tls)];
  expect(await Promise.all([get(busy, '/a'), get(idle, '/b')])).toEqual(['/a', '/b']);
  const slow = get(busy, '/slow');
  await get(busy, '/c');
  const ends = [closed(busy), closed(idle)];
  expect(await worker.draining()).toMatchObject({ connections: 2 });
  expect(await slow).toBe('/slow');
  await Promise.all(ends);
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('speaks HTTP/1 with those who know nothing else, and closes it likewise', async () => {
  const worker = await primary.serve('http2.cjs', ['tls'], { lingerMs: 300 });
  const [busy, idle] = [await Connection.open(worker.port, true), await Connection.open(worker.port, true)];
  for (const client of [busy, idle]) await client.request('/a', '/a');
  await worker.draining();
  expect((await busy.request('/b', '/b')).toLowerCase()).toContain('connection: close');
  expect(await idle.ended).toBe('end');
  expect(await worker.exit()).toEqual({ code: 0, signal: null });
});

test('sends GOAWAY before it cuts a stream', async () => {
  const worker = await primary.serve('http2.cjs', ['plain']);
  const session = open(worker.port, false);
  const seen: string[] = [];
  const stream = session.request({ ':path': '/endless' }).on('error', () => {});
  session.on('error', () => {}).on('goaway', (code) => seen.push(`goaway ${code}`));
  const over = new Promise((resolve) => {
    stream.once('close', () => {
      seen.push('stream');
      resolve(seen);
    });
  });
  await new Promise((resolve) => stream.once('data', resolve));
  worker.leave();
  await worker.report('draining');
  worker.cut();
  expect(await over).toEqual(expect.arrayContaining(['goaway 0', 'stream']));
  expect(seen[0]).toBe('goaway 0');
  expect(await worker.report('cut')).toMatchObject({ connections: { requests: 0, streams: 1 } });
  await worker.exit();
});

test('counts an open session as a request that is cut', async () => {
  const worker = await primary.serve('http2.cjs', ['plain']);
  const session = open(worker.port, false);
  session.on('error', () => {});
  await get(session, '/a');
  get(session, '/slow').catch(() => {});
  await get(session, '/b');
  worker.leave();
  await worker.report('draining');
  worker.cut();
  expect(await worker.report('cut')).toMatchObject({ connections: { requests: 1, other: 0 } });
  await worker.exit();
});
