import { createServer, Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Servers } from '../../src/daemon/worker/drain/servers.ts';

test('forgets connections that were sent to a child, which closes them without an event', async () => {
  const servers = new Servers();
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listens) => servers.once('listening', listens));
  // Without a handle, as one that was sent is left.
  for (let count = 0; count < 10_000; count += 1) server.emit('connection', new Socket());
  const [listener] = servers.open;
  expect(listener?.accepted.size).toBeLessThan(2_000);
  expect(servers.connections).toBe(0);
  server.close();
});
