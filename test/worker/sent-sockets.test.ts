import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Servers } from '../../src/daemon/worker/drain/servers.ts';

it('keeps nothing of sockets that the application has sent to a child process', async () => {
  const servers = new Servers();
  const script = "process.on('message', (_, socket) => socket.end('from the child'))";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  onTestFinished(() => void child.kill());
  const server = createServer({ pauseOnConnect: true }, (socket) => child.send('socket', socket)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let most = 0;
  for (let count = 0; count < 300; count++) {
    const client = connect(port, '127.0.0.1').resume();
    await once(client, 'end');
    for (const { accepted } of servers.open) most = Math.max(most, accepted.size);
  }
  expect(most).toBeLessThanOrEqual(65);
  expect(servers.connections).toBe(0);
  server.close();
});
