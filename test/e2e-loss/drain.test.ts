import { expect, it } from 'vitest';
import { parseHead, parseResponse } from '../../bench/loss/client/response.ts';
import { type Target, Wire } from '../../bench/loss/client/wire.ts';
import { freePort } from '../../bench/port.ts';
import { Naught, root } from '../support/naught.ts';
import { ask, fixture, ordinary, stream } from './support.ts';

it('closes WebSockets with 1001, spread over --drain-spread', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { PORT: String(target.port) };
  await naught.start([...ordinary, '--drain-spread', '1', `${root}/examples/ws/server.js`]);
  const sockets = await Promise.all(Array.from({ length: 20 }, () => webSocket(target)));
  const deployed = naught.run(['deploy']);
  const closes = sockets.map(async (wire) => {
    const frame = await wire.next((received) => (received.length < 4 ? undefined : { value: received, length: 4 }));
    expect(frame).toEqual({ value: '\x88\x02\x03\xe9' });
    const at = performance.now();
    wire.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9]));
    expect(await wire.ended()).toBe(true);
    return at;
  });
  const times = await Promise.all(closes);
  const spread = Math.max(...times) - Math.min(...times);
  expect(spread).toBeGreaterThan(400);
  expect(spread).toBeLessThan(2_000);
  expect(await deployed).toMatchObject({ code: 0 });
});

it('leaves the IPC channel open to the application while requests are in flight', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]), LEAVE_WITH_PARENT: 'yes' };
  await naught.start([...ordinary, fixture]);
  const { pid } = await ask(target);
  const answers = ['/slow', '/metric', '/slow'].map((path) => ask(target, path));
  const deployed = naught.run(['deploy']);
  for (const answer of await Promise.all(answers)) expect(answer.pid).toBe(pid);
  expect(await deployed).toMatchObject({ code: 0, stderr: expect.stringMatching(/OldExit.*\ndone\n$/) });
  expect(await naught.logged('OldExit')).toMatch(/OldExit.*exit code: 0/);
});

it('finishes uploads, and cuts at --drain-timeout what does not end: the event and the log say how many of each', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  await naught.start([...ordinary, '--drain-timeout', '1', fixture]);
  const streams = await Promise.all([stream(target), stream(target)]);
  const [finishing, stalled] = await Promise.all([beginUpload(target), beginUpload(target)]);
  const follower = naught.begin(['deploy', '--json']);
  await naught.logged('ShutdownOld');

  finishing.write('ld');
  expect(await finishing.next(parseResponse)).toMatchObject({ value: { status: 200, close: true } });
  for (const wire of streams) {
    const rest = await wire.next((received) =>
      received.endsWith('0\r\n\r\n') ? { value: 'end', length: 0 } : undefined,
    );
    expect(rest).toEqual({ value: 'end' });
  }
  expect(await stalled.ended()).toBe(true);
  expect(await follower.ended).toMatchObject({ code: 0 });
  expect(await naught.logged('OldExit')).toMatch(/OldExit.*cut: 1 request, 2 streams/);
});

it("kills at --drain-timeout a worker that is blocked, and never takes 'shutdown'", async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  await naught.start([...ordinary, '--drain-timeout', '0.5', fixture]);
  const { pid } = await ask(target, '/block');
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  expect(await naught.logged('OldExit')).toMatch(/DestroyOld.*its event loop was blocked[\s\S]*OldExit.*SIGKILL/);
  expect((await ask(target)).pid).not.toBe(pid);
});

it('tells followers of the API what was cut', async () => {
  await using naught = new Naught();
  const target = { port: await freePort() };
  naught.env = { LISTEN: JSON.stringify([{ ...target, host: '127.0.0.1' }]) };
  await naught.start([...ordinary, '--drain-timeout', '0.2', fixture]);
  const wire = await stream(target);
  const { body } = await naught.call('POST', '/deploy', { body: '{}' });
  const lines = body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.find(({ event }) => event === 'OldExit')).toMatchObject({ note: 'cut: 1 stream' });
  wire.close();
});

async function webSocket(target: Target): Promise<Wire> {
  const wire = new Wire(target);
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  wire.write(`GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`);
  expect(await wire.next(parseHead)).toMatchObject({ value: { status: 101 } });
  return wire;
}

/** An upload of which two bytes are still to come. The server has seen its head when it says 100. */
async function beginUpload(target: Target): Promise<Wire> {
  const wire = new Wire(target);
  wire.write('POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n');
  expect(await wire.next(parseHead)).toMatchObject({ value: { status: 100 } });
  wire.write('uplo');
  return wire;
}
