import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Naught, program, root, server } from '../support/naught.ts';
import { childrenOf } from '../support/processes.ts';

const launcher: { command: [string] } = { command: [program] };
/** Node can become another program in the same process: 22.15 and later. */
const canShed = 'execve' in process;

/** What is meant for the server: a tracer by a path that only its folder knows, and a folder of modules. */
const forServer = { NODE_OPTIONS: '--require ./trace.cjs', NODE_PATH: '/srv/modules', NODE_ENV: 'production' };
const tracer = `require('node:fs').appendFileSync(process.env.TRACED, require('node:path').basename(process.argv[1] ?? '') + '\\n')`;

async function traced() {
  const naught = await Naught.withPort(forServer);
  naught.env.TRACED = naught.write('traced');
  naught.write('trace.cjs', tracer);
  return naught;
}

/** The programs that have run the tracer. */
const loaded = (naught: Naught) => naught.read('traced').trim().split('\n').sort();

describe('what Node reads in the environment is the workers’ alone', () => {
  it('as a daemon, whose own processes load no tracer, whoever is started again', async () => {
    await using naught = await traced();
    await naught.start([server], launcher);
    await naught.run(['deploy'], { ...launcher, env: { ...forServer, NEW: 'yes' } });
    await naught.replace();
    const { env } = await naught.facts();
    expect(env).toMatchObject({ ...forServer, NEW: 'yes' });
    expect(Object.keys(env).filter((name) => name.startsWith('NAUGHT_'))).toEqual(['NAUGHT_WORKER']);
    const script = basename(server);
    expect(loaded(naught)).toEqual([script, script, script]);
    const daemon = naught.pid() ?? 0;
    const worker = (await naught.facts()).pid;
    for (const pid of [daemon, ...childrenOf(daemon)].filter((each) => each !== worker)) {
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/NODE_(OPTIONS|PATH|ENV)=/);
    }
  });

  it('in the foreground, where the command becomes the daemon', async () => {
    await using naught = await traced();
    const running = naught.begin(['start', '--daemon-mode', 'false', server], launcher);
    await naught.logged('Ready.');
    expect((await naught.facts()).env).toMatchObject(forServer);
    expect(loaded(naught)).toEqual([basename(server)]);
    running.child.kill();
    expect(await running.ended).toMatchObject({ code: 0 });
  });

  it('where Node ran naught before naught could say so, at most the command itself has loaded it', async () => {
    await using naught = await traced();
    const running = naught.begin(['start', '--daemon-mode', 'false', server]);
    await naught.logged('Ready.');
    expect(naught.pid()).toBe(running.child.pid);
    expect((await naught.facts()).env).toMatchObject(forServer);
    expect(loaded(naught)).toEqual(['main.js', basename(server)]);
    // The new program in the process has not loaded it, and its memory has nothing of it.
    const maps = readFileSync(`/proc/${running.child.pid}/environ`, 'utf8');
    if (canShed) expect(maps).not.toMatch(/\0NODE_OPTIONS=/);
    running.child.kill();
    await running.ended;
  });
});

it('NAUGHT_NODE_OPTIONS is for the processes of naught, and for no other', async () => {
  await using naught = await Naught.withPort();
  naught.env.TRACED = naught.write('traced');
  const options = `--require ${naught.write('trace.cjs', tracer)}`;
  await naught.start([server], { ...launcher, env: { NAUGHT_NODE_OPTIONS: options } });
  expect(loaded(naught)).toEqual(['control.js', 'main.js', 'supervisor.js']);
  expect((await naught.facts()).env).not.toHaveProperty('NODE_OPTIONS');
});

it('the launcher puts aside the variables that the program takes back, with their exact values', () => {
  const source = readFileSync(`${root}/src/cli/start/own-environment.ts`, 'utf8');
  const [, list = ''] = /actedUpon = \[([^\]]*)\]/.exec(source) ?? [];
  const names = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name as string);
  const shell = readFileSync(`${root}/scripts/launcher.sh`, 'utf8').replace(/exec node -- "\$0" "\$@"/, 'env -0');
  const values = names.map((name, index) => [name, ['', 'a b', `"q" $HOME \`id\` \\ '`, 'two\nlines'][index % 4]]);
  const env = { ...Object.fromEntries(values), PATH: process.env.PATH, NAUGHT_NODE_PATH: '/of/naught' };
  const { stdout } = spawnSync('sh', ['-c', shell.split('\n').slice(0, 2).join('\n')], { env, encoding: 'utf8' });
  const put = Object.fromEntries(stdout.split('\0').map((entry) => entry.split(/=([\s\S]*)/, 2)));
  expect(put).toMatchObject(Object.fromEntries(values.map(([name, value]) => [`NAUGHT_WORKERS_${name}`, value])));
  expect(names.filter((name) => name in put)).toEqual(['NODE_PATH']);
  expect(put).toMatchObject({ NODE_PATH: '/of/naught', NAUGHT_LAUNCHED: '1' });
});
