import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectAll, Load, request } from './clients.ts';
import { freePort } from './ports.ts';
import { type ForkedWorker, folder, Primary } from './primary.ts';

const host = '127.0.0.1';

describe.each(['rr', 'none'] as const)('under %s', (scheduling) => {
  it('refuses nobody while all workers stop and start again', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host };
    let workers = await Promise.all([primary.fork(at), primary.fork(at)]);
    const load = new Load([at]);
    for (let round = 0; round < 3; round++) {
      await load.answers(40);
      await Promise.all(workers.map((worker) => primary.shutdown(worker)));
      workers = await Promise.all([primary.fork(at), primary.fork(at)]);
    }
    await load.answers(40);
    expect(await load.stop()).toMatchObject({ refused: 0, hung: 0, reset: 0, empty: 0 });
    expect(primary.errors).toBe('');
  });

  it('refuses nobody during deploys and scale changes', async () => {
    const primary = new Primary({ scheduling });
    const path = join(folder, `deploy-${scheduling}.sock`);
    let workers: ForkedWorker[] = [await primary.fork({ path })];
    const load = new Load([{ path }]);
    for (const count of [1, 3, 1, 2]) {
      await load.answers(40);
      const fresh = await Promise.all(Array.from({ length: count }, () => primary.fork({ path })));
      await Promise.all(workers.map((worker) => primary.shutdown(worker)));
      workers = fresh;
    }
    await load.answers(40);
    expect(await load.stop()).toMatchObject({ refused: 0, hung: 0, reset: 0, empty: 0 });
  });

  it('keeps the ports of two servers that listen on port 0, over crash and stop', async () => {
    const primary = new Primary({ scheduling });
    const listen = [
      { port: 0, host },
      { port: 0, host },
    ];
    const first = await primary.fork(...listen);
    const ports = first.addresses.map(({ port }) => port);
    expect(new Set(ports).size).toBe(2);
    await primary.kill(first);
    const second = await primary.fork(...listen);
    expect(second.addresses.map(({ port }) => port)).toEqual(ports);
    await request({ port: ports[0]!, host });
    await primary.shutdown(second);
    const third = await primary.fork(...listen);
    expect(third.addresses.map(({ port }) => port)).toEqual(ports);
    expect(await request({ port: ports[1]!, host })).toEqual({ outcome: 'ok', text: String(third.pid) });
  });

  it('answers by the next worker what connects while there is none', async () => {
    const primary = new Primary({ scheduling });
    const at = { port: await freePort(), host };
    await primary.kill(await primary.fork(at));
    const answers = await connectAll(at, 50);
    const next = await primary.fork(at);
    for (const answer of await Promise.all(answers)) expect(answer).toEqual({ outcome: 'ok', text: String(next.pid) });
    expect(await primary.list()).toEqual([{ name: `${host}:${at.port}`, workers: 1, waiting: 0, dropped: 0 }]);
  });
});
