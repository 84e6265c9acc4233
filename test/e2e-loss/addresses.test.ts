import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { lost } from '../../bench/loss/client/tally.ts';
import type { Target } from '../../bench/loss/client/wire.ts';
import { Clients } from '../../bench/loss/clients.ts';
import { freePort } from '../../bench/port.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, program } from '../support/naught.ts';
import { ask, fixture, ordinary } from './support.ts';

it.each(['rr', 'none'])(
  'refuses nobody on IPv6, on two ports and on a Unix socket, through deploys and the crash of the only worker (scheduling %s)',
  async (scheduling) => {
    await using naught = new Naught();
    const targets: Record<string, Target> = {
      IPv6: { host: '::1', port: await freePort() },
      'first port': { port: await freePort() },
      'second port': { host: '127.0.0.1', port: await freePort() },
      'Unix socket': { path: naught.path('app.sock') },
    };
    naught.env = { LISTEN: JSON.stringify(Object.values(targets)) };
    await naught.start([...ordinary, '--scheduling', scheduling, fixture]);

    await using clients = await Clients.start(naught.dir, process.execPath);
    const names = Object.keys(targets);
    for (const [name, target] of Object.entries(targets)) clients.run(name, 'fresh', target, 1);
    await clients.answered(names, 5);
    expect(await naught.run(['deploy', '--worker-count', '2'])).toMatchObject({ code: 0 });
    expect(await naught.run(['deploy', '--worker-count', '1'])).toMatchObject({ code: 0 });
    await clients.answered(names, 5);
    expect(clients.lost).toBe(0);
    process.kill(await naught.worker(), 'SIGKILL');
    await clients.answered(names, 5);
    for (const tally of Object.values(await clients.stop())) {
      expect(tally).toMatchObject({ refused: 0, hung: 0 });
      expect(lost(tally)).toBeLessThanOrEqual(1);
    }
  },
);

it('keeps a port that the system chose (port 0) over a deploy and a crash', async () => {
  await using naught = new Naught();
  naught.env = { LISTEN: JSON.stringify([{ port: 0, host: '127.0.0.1' }]) };
  await naught.start([...ordinary, fixture]);
  await naught.run(['deploy']);
  process.kill(await naught.worker(), 'SIGKILL');
  const ports = async () => {
    const lines = await naught.logged(/(?:listens on[\s\S]*){3}/, 'stdout.log');
    return [...lines.matchAll(/"port":(\d+)/g)].map(([, port]) => Number(port));
  };
  const [port = 0, ...others] = await ports();
  expect(others).toEqual([port, port]);
  expect(await ask({ port })).toMatchObject({ slot: '0' });
});

it('serves on a file descriptor that it was given (listen({fd})), through a deploy and a crash', async () => {
  await using naught = new Naught();
  const given = createServer().listen(0, '127.0.0.1');
  await once(given, 'listening');
  const { port } = given.address() as { port: number };
  const { fd } = (given as unknown as { _handle: { fd: number } })._handle;
  const foreground = spawn(process.execPath, [program, 'start', '--daemon-mode', 'false', ...ordinary, fixture], {
    cwd: naught.dir,
    env: { ...process.env, LISTEN: JSON.stringify([{ fd: 3 }]) },
    stdio: ['ignore', 'ignore', 'ignore', fd],
  });
  const ended = once(foreground, 'exit');
  try {
    await naught.logged('NewOnline');
    given.close();
    const { pid } = await ask({ port });
    await naught.run(['deploy']);
    const deployed = await ask({ port });
    expect(deployed.pid).not.toBe(pid);
    process.kill(deployed.pid, 'SIGKILL');
    expect((await ask({ port })).pid).not.toBe(deployed.pid);
  } finally {
    foreground.kill('SIGTERM');
    await ended;
  }
});

it('closes an address that the new release no longer uses some time after the deploy, and not before', async () => {
  await using naught = new Naught();
  const [kept, dropped] = [{ port: await freePort() }, { port: await freePort() }];
  const listen = (...targets: object[]) => ({
    LISTEN: JSON.stringify(targets.map((target) => ({ host: '127.0.0.1', ...target }))),
  });
  await naught.start([...ordinary, fixture], { env: listen(kept, dropped) });
  await ask(dropped);
  const missing = JSON.stringify({ script: naught.path('nothing-there'), environment: listen(kept) });
  expect(await naught.call('POST', '/deploy', { body: missing })).toMatchObject({ status: 400 });
  await ask(dropped);
  expect(await naught.run(['deploy'], { env: listen(kept) })).toMatchObject({ code: 0 });
  await eventually(() =>
    ask(dropped).then(
      () => undefined,
      ({ message }) => message === 'refused' || undefined,
    ),
  );
  await ask(kept);
});

it('keeps an address on which the new release listens later than on the one that made it online', async () => {
  await using naught = new Naught();
  const [first, late] = [{ port: await freePort() }, { port: await freePort() }];
  naught.env = {
    LISTEN: JSON.stringify([first, { ...late, after: 1_000 }].map((at) => ({ host: '127.0.0.1', ...at }))),
  };
  await naught.start([...ordinary, fixture]);
  const { pid } = await eventually(() => ask(late).catch(() => undefined));
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  expect((await ask(late)).pid).not.toBe(pid);
});

it('makes a Unix socket reachable again whose file an old worker removes when it leaves', async () => {
  await using naught = new Naught();
  const path = naught.path('app.sock');
  naught.env = { LISTEN: JSON.stringify([{ path }]), UNLINK: path };
  await naught.start([...ordinary, fixture]);
  const { pid } = await ask({ path });
  expect(await naught.run(['deploy'])).toMatchObject({ code: 0 });
  expect((await ask({ path })).pid).not.toBe(pid);
});
