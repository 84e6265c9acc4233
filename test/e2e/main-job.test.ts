import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Load } from '../../bench/load.ts';
import { freePort } from '../../bench/port.ts';
import { eventually } from '../support/eventually.ts';
import { lines, Naught, root } from '../support/naught.ts';
import { childrenOf, isAlive } from '../support/processes.ts';

const server = join(root, 'examples/express/server.js');

it('starts, deploys new code under load without losing a request, tells its status, stops, and leaves nothing behind', async () => {
  await using naught = new Naught();
  const port = await freePort();
  naught.env = { PORT: String(port) };

  expect(await naught.run(['start', '--worker-count', '2', server], { env: { VERSION: '1' } })).toMatchObject({
    code: 0,
    stdout: 'workers online: 2\n',
    stderr: lines('Bootup 0 0 0 0', 'SpawnNew 1 0 0 0', 'SpawnNew 2 0 0 0', 'NewOnline 1 0 0 1', 'NewOnline 0 0 0 2'),
  });
  const daemon = naught.pid() ?? 0;
  const processes = [daemon, ...childrenOf(daemon)];
  expect(processes).toHaveLength(4);

  const fresh = new Load({ port, clients: 4 });
  const slow = new Load({ port, clients: 2, path: '/slow' });
  const busy = new Load({ port, clients: 2, keepAlive: true });
  await eventually(() => (fresh.tally.ok > 50 && slow.tally.ok > 1 && busy.tally.ok > 50 ? true : undefined));
  for (const version of ['2', '3', '4']) {
    const deployed = await naught.run(['deploy'], { env: { VERSION: version } });
    expect(deployed).toMatchObject({ code: 0, stdout: '' });
    expect(deployed.stderr).toMatch(
      /^SpawnNew\. [\s\S]*\nOldExit\. booting: 0, online: 0, dying: 0, new_online: 2\ndone\n$/,
    );
  }
  for (const load of [fresh, slow, busy]) {
    const tally = await load.stop();
    expect(tally).toMatchObject({ refused: 0, reset: 0, empty: 0, torn: 0, hung: 0 });
    expect([...tally.bodies.keys()].some((body) => JSON.parse(body).version === '4')).toBe(true);
  }

  expect(await naught.run(['status'])).toMatchObject({ code: 0, stdout: 'workers online: 2\n', stderr: '' });
  const everybody = [...processes, ...childrenOf(daemon)];
  expect(await naught.run(['stop'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: lines('ShutdownOld 0 1 1 0', 'ShutdownOld 0 0 2 0', 'OldExit 0 0 1 0', 'OldExit 0 0 0 0'),
  });
  await eventually(() => (everybody.some(isAlive) ? undefined : true));
  expect(readdirSync(naught.dir).sort()).toEqual(['naught.log', 'stderr.log', 'stdout.log']);
  expect(naught.read('stdout.log')).toBe(
    ['1', '1', '2', '2', '3', '3', '4', '4'].map((v) => `express ${v} listens\n`).join(''),
  );
  expect(await naught.run(['status'])).toMatchObject({ code: 1, stdout: '', stderr: 'server not running\n' });
});
