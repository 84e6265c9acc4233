import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HeldAddress } from '../../../src/daemon/supervisor/sockets/index.ts';
import { connectAll, request } from './clients.ts';
import { freePort } from './ports.ts';
import { folder, Primary } from './primary.ts';

const host = '127.0.0.1';

describe.each(['rr', 'none'] as const)('under %s', (scheduling) => {
  it('closes the addresses that the new release does not use', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host };
    const path = join(folder, `release-${scheduling}.sock`);
    const old = await primary.fork(at, { path });
    await primary.call({ do: 'mark' });
    await primary.fork(at);
    await primary.shutdown(old);
    expect(existsSync(path)).toBe(true);
    const released = await primary.call<HeldAddress[]>({ do: 'releaseUnused' });
    expect(released.map(({ name }) => name)).toEqual([path]);
    expect(existsSync(path)).toBe(false);
    expect(await request({ path })).toMatchObject({ outcome: 'refused' });
    expect(await request(at)).toMatchObject({ outcome: 'ok' });
  });

  it('keeps an address of the new release whose only worker has just crashed', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host };
    await primary.call({ do: 'mark' });
    await primary.kill(await primary.fork(at));
    expect(await primary.call({ do: 'releaseUnused' })).toEqual([]);
    expect(await primary.call({ do: 'releaseUnused' })).toMatchObject([{ name: `${host}:${at.port}` }]);
    expect(await request(at)).toMatchObject({ outcome: 'refused' });
  });

  it('gives a held address that no worker listens on up for another one of the same port', async () => {
    const primary = new Primary({ scheduling });
    const port = await freePort();
    await primary.kill(await primary.fork({ port, host: '0.0.0.0' }));
    const worker = await primary.fork({ port, host });
    expect(worker.addresses).toMatchObject([{ port, address: host }]);
    expect(await request({ port, host })).toMatchObject({ outcome: 'ok' });
    expect((await primary.list()).map(({ name }) => name)).toEqual([`${host}:${port}`]);
  });

  it('makes a Unix socket reachable again whose file the next worker removes before it listens', async () => {
    const primary = new Primary({ scheduling });
    const path = join(folder, `unlink-${scheduling}.sock`);
    const fork = () => primary.call({ do: 'fork', options: { listen: [{ path }], unlink: path } });
    const crash = async ({ pid }: { pid?: number }) => primary.call({ do: 'kill', pid: pid ?? 0 });
    await crash((await fork()) as { pid: number });
    await fork();
    expect(await request({ path })).toMatchObject({ outcome: 'ok' });
  });

  it('closes everything at the end', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host };
    const path = join(folder, `end-${scheduling}.sock`);
    await primary.kill(await primary.fork(at, { path }));
    await primary.call({ do: 'closeAll' });
    expect(await request(at)).toMatchObject({ outcome: 'refused' });
    expect(existsSync(path)).toBe(false);
    expect(await primary.list()).toEqual([]);
  });
});

it('makes a Unix socket reachable again whose file a new worker removes while an old one listens', async () => {
  const primary = new Primary();
  const path = join(folder, 'unlink-deploy.sock');
  const old = await primary.fork({ path, readableAll: true, writableAll: true });
  const mode = statSync(path).mode;
  const options = { listen: [{ path, readableAll: true, writableAll: true }], unlink: path };
  const fresh = await primary.call<{ pid: number }>({ do: 'fork', options });
  await primary.shutdown(old);
  expect(await request({ path })).toEqual({ outcome: 'ok', text: String(fresh.pid) });
  expect(statSync(path).mode).toBe(mode);
  expect(mode & 0o666).toBe(0o666);
});

it('answers what was accepted before everything was closed', async () => {
  const primary = new Primary();
  const at = { port: await freePort(), host };
  const worker = await primary.fork(at);
  await primary.call({ do: 'signal', pid: worker.pid, signal: 'SIGSTOP' });
  const answers = await connectAll(at, 10);
  await primary.waiting(10);
  const closed = primary.call({ do: 'closeAll' });
  expect(await primary.list()).toEqual([]);
  expect(await request(at)).toMatchObject({ outcome: 'refused' });
  await primary.call({ do: 'signal', pid: worker.pid, signal: 'SIGCONT' });
  await closed;
  for (const answer of await Promise.all(answers)) expect(answer).toEqual({ outcome: 'ok', text: String(worker.pid) });
});

it('does not hold a random port that its worker has closed again unused', async () => {
  const primary = new Primary();
  const worker = await primary.fork({ port: 0, host });
  const { port } = worker.addresses[0]!;
  await primary.call({ do: 'close', pid: worker.pid });
  expect(await primary.list()).toEqual([]);
  expect(await request({ port, host })).toMatchObject({ outcome: 'refused' });
});
