import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Naught, program, ranOf } from '../support/naught.ts';

/** A namespace of its own makes the program process 1, as in a container. Where that is not permitted the test says so. */
const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const permitted = spawnSync(unshare[0] ?? '', [...unshare.slice(1), 'true']).status === 0;

const leavesOrphans = `
const { spawn } = require('node:child_process');
spawn('sh', ['-c', 'sleep 0.4 & exit 0'], { stdio: 'ignore' });
require('node:http').createServer((request, response) => response.end()).listen(0, () => process.send('online'));
`;

it.skipIf(!permitted)('as process 1 waits for orphans, and passes on the signals that stop and deploy', async () => {
  await using naught = new Naught();
  writeFileSync(naught.path('server.js'), leavesOrphans);
  const [command = '', ...options] = unshare;
  const child = spawn(command, [...options, program, 'start', '--daemon-mode', 'false', 'server.js'], {
    cwd: naught.dir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran = ranOf(child);
  const logged = (text: RegExp) =>
    eventually(() => (naught.exists('naught.log') && text.test(naught.read('naught.log'))) || undefined);

  const init = await eventually(() => childrenOf(child.pid ?? 0)[0]?.pid);
  const sleeping = () => childrenOf(init).find(({ name }) => name === 'sleep');
  await eventually(sleeping);
  await eventually(() => (sleeping() === undefined ? true : undefined));
  await logged(/Ready\./);
  expect(childrenOf(init).map(({ state }) => state)).not.toContain('Z');

  process.kill(init, 'SIGHUP');
  await logged(/Ready\.[\s\S]*OldExit\.[\s\S]*Ready\./);
  process.kill(init, 'SIGTERM');
  expect(await ran).toMatchObject({ code: 0, signal: null });
  expect(naught.read('naught.log')).toMatch(/Shutdown\./);
});

/** The children of a process, those that have ended and were not waited for included. */
function childrenOf(pid: number): { pid: number; name: string; state: string }[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const [, name = '', state = '', parent] =
        /\((.*)\) (\S) (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      return Number(parent) === pid ? [{ pid: Number(entry), name, state }] : [];
    } catch {
      return [];
    }
  });
}
