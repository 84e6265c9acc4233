import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { Load } from './clients.ts';
import { Primary } from './primary.ts';

/** The primary has the listening socket as its file descriptor 4, as a service manager would pass it. */
it.each(['rr', 'none'] as const)(
  'refuses nobody on an inherited descriptor while workers crash, under %s',
  async (scheduling) => {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    const primary = new Primary({ scheduling, fd });
    let worker = await primary.fork({ fd: 4 });
    server.close();
    const load = new Load([{ port, host: '127.0.0.1' }]);
    for (let round = 0; round < 3; round++) {
      await load.answers(30);
      await primary.kill(worker);
      worker = await primary.fork({ fd: 4 });
    }
    await load.answers(30);
    expect(await load.stop()).toMatchObject({ refused: 0, hung: 0 });
    expect(await primary.list()).toMatchObject([{ name: `127.0.0.1:${port}`, workers: 1 }]);
  },
);
