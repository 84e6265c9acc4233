import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { usableCpus } from '../../src/protocol/usable-cpus.ts';
import { eventually } from '../support/eventually.ts';
import { Naught, program, ranOf, server } from '../support/naught.ts';
import { isAlive, mark } from '../support/processes.ts';

const words = ['--help', '--json', '--', '', 'two words', '-x', '--worker-count', '9', 'ünï ☃', "it's", '$HOME', '*'];

describe('start', () => {
  it('with its defaults makes naught.ipc, naught.pid and the three logs in its folder, where one worker runs', async () => {
    await using naught = await Naught.withPort();
    await naught.start();
    const files = ['naught.ipc', 'naught.log', 'naught.pid', 'stderr.log', 'stdout.log'];
    expect(readdirSync(naught.dir).sort()).toEqual(files);
    expect(naught.read('naught.pid')).toMatch(/^\d+\n$/);
    const status = await naught.status();
    expect(status).toMatchObject({ pid: naught.pid(), workerCount: 1, script: server, cwd: naught.dir });
    expect(await naught.facts()).toMatchObject({ slot: '0', args: [], nodeArgs: [], cwd: naught.dir, gc: false });
    expect(naught.read('stdout.log')).toBe('worker 0 listens\n');
    expect(naught.read('stderr.log')).toBe('worker 0 serves\n');

    const again = await naught.run(['start', server]);
    expect(again).toEqual({
      code: 1,
      signal: null,
      stdout: 'workers online: 1\n',
      stderr: expect.stringContaining('already running: '),
    });
    expect(await naught.status()).toMatchObject({
      pid: status.pid,
      release: 1,
      workers: [{ pid: status.workers[0]?.pid }],
    });

    await naught.run(['stop']);
    expect(naught.exists('naught.ipc')).toBe(false);
    expect(naught.exists('naught.pid')).toBe(false);
    await eventually(() => (isAlive(status.pid) ? undefined : true));
  });

  it('takes every option, makes the folders of all its files, and passes every argument of the script whole', async () => {
    await using naught = await Naught.withPort();
    mkdirSync(naught.path('work'));
    const paths = ['--ipc-file', 'a/b/x.ipc', '--pid-file', 'c/d/x.pid', '--log', 'e/f/x.log'];
    const logs = ['--stdout', 'g/out.log', '--stderr', 'h/i/err.log', '--max-log-size', '300', '--cwd', 'work'];
    const rest = ['--worker-count', '3', '--daemon-mode', 'true', '--remove-old-ipc', 'false'];
    const nodeArgs = `--expose-gc --title='a "b" c' --require="${naught.write('the first.cjs', '')}" --no-deprecation`;
    naught.env['WITH SPACE'] = 'ünï\ncode';
    const started = await naught.run(['start', ...paths, ...logs, ...rest, '--node-args', nodeArgs, server, ...words]);
    expect(started).toMatchObject({ code: 0, stdout: 'workers online: 3\n' });
    expect(naught.pid('c/d/x.pid')).toBe((await naught.status('a/b/x.ipc')).pid);
    expect(naught.read('e/f/x.log')).toContain('Ready. booting: 0, online: 3');
    for (const slot of [0, 1, 2]) {
      const facts = await naught.facts(slot);
      expect(facts).toMatchObject({ slot: String(slot), args: words, cwd: naught.path('work'), gc: true });
      expect(facts.nodeArgs).toEqual([
        '--expose-gc',
        '--title=a "b" c',
        `--require=${naught.path('the first.cjs')}`,
        '--no-deprecation',
      ]);
      expect(facts.env['WITH SPACE']).toBe('ünï\ncode');
    }
    expect(naught.read('g/out.log').trimEnd().split('\n').sort()).toEqual([0, 1, 2].map((n) => `worker ${n} listens`));
    expect(naught.read('h/i/err.log').trimEnd().split('\n').sort()).toEqual([0, 1, 2].map((n) => `worker ${n} serves`));
    expect(await naught.run(['stop', 'a/b/x.ipc'])).toMatchObject({ code: 0 });
    expect(['a/b/x.ipc', 'c/d/x.pid'].some((file) => naught.exists(file))).toBe(false);
  });

  it.each([
    ['--pid-file and --ipc-file', ['--pid-file', 'naught.ipc']],
    ['--ipc-file and --log', ['--log', 'naught.ipc']],
    ['--pid-file and --stdout', ['--stdout', './logs/../naught.pid']],
    ['--ipc-file and --stderr', ['--stderr', 'link/naught.ipc']],
    ['--pid-file and the script', ['--pid-file', 'server.cjs']],
    ['the script and --log', ['--log', 'server.cjs']],
  ])('refuses one path for %s, and touches nothing', async (names, options) => {
    await using naught = await Naught.withPort();
    naught.install('server.cjs');
    symlinkSync('.', naught.path('link'));
    for (const daemonMode of ['true', 'false']) {
      const args = ['start', '--daemon-mode', daemonMode, ...options, 'server.cjs'];
      const { code, stdout, stderr } = await naught.run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      for (const name of names.split(' and ')) expect(stderr.split('\n')[0]).toContain(name);
      expect(stderr).toContain(' are the same file: ');
    }
    expect(readdirSync(naught.dir).sort()).toEqual(['link', 'server.cjs']);
    expect(naught.read('server.cjs')).toBe(readFileSync(server, 'utf8'));
  });

  it('takes one path for several logs, and /dev/null for all of them', async () => {
    await using naught = await Naught.withPort();
    await naught.start(['--log', 'all.log', '--stdout', 'all.log', '--stderr', 'all.log', server]);
    await naught.run(['stop']);
    for (const text of ['Ready.', 'worker 0 listens', 'worker 0 serves']) {
      expect(naught.read('all.log')).toContain(text);
    }
    await naught.start(['--log', '/dev/null', '--stdout', '/dev/null', '--stderr', '/dev/null', server]);
  });

  it('keeps no log whose path is /dev/null, and archives one that is larger than --max-log-size', async () => {
    await using naught = await Naught.withPort();
    const none = ['--log', '/dev/null', '--stderr', '/dev/null'];
    await naught.start(['--worker-count', '2', '--max-log-size', '40', ...none, server]);
    await naught.run(['deploy']);
    await naught.run(['deploy']);
    await naught.run(['stop']);
    const files = readdirSync(naught.dir);
    expect(files.filter((file) => !file.startsWith('stdout'))).toEqual([]);
    expect(files.filter((file) => file.endsWith('.gz')).length).toBeGreaterThan(0);
  });

  it('starts as many workers as there are usable CPUs with --worker-count auto', async () => {
    await using naught = await Naught.withPort();
    const cpus = usableCpus();
    const started = await naught.run(['start', '--worker-count', 'auto', server]);
    expect(started).toMatchObject({ code: 0, stdout: `workers online: ${cpus}\n` });
    expect((await naught.status()).workerCount).toBe(cpus);
  });

  it('gives each worker its slot in NAUGHT_WORKER, the same across deploys, restarts and scale changes', async () => {
    await using naught = await Naught.withPort();
    const slots = async () => (await naught.status()).workers.map(({ slot }) => slot);
    await naught.start(['--worker-count', '3', server]);
    expect(await slots()).toEqual([0, 1, 2]);
    await naught.run(['deploy']);
    expect(await slots()).toEqual([0, 1, 2]);
    expect(await naught.replace(1)).toMatchObject({ slot: '1' });
    expect(await slots()).toEqual([0, 1, 2]);
    await naught.run(['deploy', '--worker-count', '2']);
    expect(await slots()).toEqual([0, 1]);
    await naught.run(['deploy', '--worker-count', '4']);
    expect(await slots()).toEqual([0, 1, 2, 3]);
    for (const slot of await slots()) expect(await naught.facts(slot)).toMatchObject({ slot: String(slot) });
    expect(await naught.replace(3)).toMatchObject({ slot: '3' });
  });
});

it('leaves --env-file among --node-args to the workers, and behind the script to the script', async () => {
  await using naught = await Naught.withPort();
  naught.write('app.env', 'FROM_FILE=1\n');
  const words = ['start', '--node-args', '--env-file=app.env --no-warnings', server];
  // By its own first line, as an installed command is run.
  const child = spawn(program, words, { cwd: naught.dir, env: { ...process.env, ...naught.env, [mark]: naught.dir } });
  expect(await ranOf(child)).toMatchObject({ code: 0, stdout: 'workers online: 1\n' });
  expect(await naught.facts()).toMatchObject({ env: { FROM_FILE: '1' } });
});

it('goes on after a Ctrl-C, which says how to stop it, and ends with its daemon after a second one', async () => {
  await using naught = await Naught.withPort({ BOOT: 'silent' });
  const start = naught.begin(['start', server]);
  await start.says('SpawnNew');
  start.child.kill('SIGINT');
  await start.says('naught stop naught.ipc');
  expect(await naught.status()).toMatchObject({ count: { booting: 1 } });
  start.child.kill('SIGINT');
  const { code, stdout, stderr } = await start.ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/stopping the server\n[\s\S]*OldExit/);
  expect(naught.exists('naught.ipc')).toBe(false);
  expect(naught.pid()).toBeNull();
});
