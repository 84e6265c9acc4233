import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { request } from './clients.ts';
import { freePort } from './ports.ts';
import { Primary } from './primary.ts';

const host = '127.0.0.1';

describe.each(['rr', 'none'] as const)('under %s', (scheduling) => {
  it('tells the worker that an address is in use by somebody else, and lets it try again', async () => {
    const server = net.createServer().listen(0, host);
    await once(server, 'listening');
    const at = { port: (server.address() as AddressInfo).port, host };
    const primary = new Primary({ scheduling });
    expect((await primary.fork(at)).addresses).toEqual([{ error: 'EADDRINUSE' }]);
    expect(await primary.list()).toEqual([]);
    server.close();
    await once(server, 'close');
    const worker = await primary.fork(at);
    expect(await request(at)).toEqual({ outcome: 'ok', text: String(worker.pid) });
  });

  it('tells a worker that listens twice on one address that it is in use', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host };
    const worker = await primary.fork(at, at);
    expect(worker.addresses).toMatchObject([{ port: at.port }, { error: 'EADDRINUSE' }]);
    expect(await primary.list()).toMatchObject([{ workers: 1 }]);
    await primary.kill(worker);
    await primary.fork(at);
    expect(await request(at)).toMatchObject({ outcome: 'ok' });
  });

  it('leaves a server that listens exclusively to its worker', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host, exclusive: true };
    const worker = await primary.fork(at);
    expect(await request(at)).toMatchObject({ outcome: 'ok' });
    expect(await primary.list()).toEqual([]);
    await primary.kill(worker);
    expect(await request(at)).toMatchObject({ outcome: 'refused' });
  });
});
