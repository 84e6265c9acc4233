import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StartConfig } from '../../src/daemon/start-config.ts';
import * as control from './support/control.ts';
import { installation } from './support/installation.ts';
import { begin } from './support/naught.ts';

/** What the stand-in was told. */
const told = (cwd: string, ipcFile = 'naught.ipc'): { config: StartConfig; cwd: string; args: string[] } =>
  JSON.parse(readFileSync(join(cwd, `${ipcFile}.json`), 'utf8'));

/** What a second start says on stderr. */
const already = expect.stringMatching(
  /^already running: \/srv\/server\.js since 2\S+Z, pid \d+, at the ipc-file `naught\.ipc`\. Another server .*--ipc-file.*\n$/,
);

const bootup = 'Bootup. booting: 0, online: 0, dying: 0, new_online: 0\n';
const spawned = 'SpawnNew. booting: 1, online: 0, dying: 0, new_online: 0\n';

test('start follows the boot and counts the workers', async () => {
  const { start } = installation();
  expect(await start('server.js')).toEqual({ stdout: 'workers online: 1\n', stderr: bootup + spawned, exit: 0 });
});

test('start --json is the status alone', async () => {
  const { start } = installation();
  const { stdout, stderr, exit } = await start('--json', 'server.js');
  expect([stderr, exit]).toEqual(['', 0]);
  expect(JSON.parse(stdout)).toMatchObject({ release: 1, count: { online: 1 } });
});

test('the daemon is told everything, in absolute paths, by default as in 1.x', async () => {
  const { cwd, start } = installation();
  await start('server.js', 'boots', '--json', '--', '--help');
  expect(told(cwd)).toEqual({
    cwd: '/',
    args: [],
    config: {
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      ipcFile: join(cwd, 'naught.ipc'),
      ipcName: 'naught.ipc',
      pidFile: join(cwd, 'naught.pid'),
      removeOldIpc: false,
      foreground: false,
      bootTimeoutMs: null,
      keepReleases: 20,
      logs: {
        daemon: join(cwd, 'naught.log'),
        stdout: join(cwd, 'stdout.log'),
        stderr: join(cwd, 'stderr.log'),
        maxSize: 10_485_760,
        keep: null,
        format: 'plain',
      },
      workers: {
        onlineOn: 'auto',
        drain: 'auto',
        lingerMs: null,
        drainTimeoutMs: 'default',
        spreadMs: 5000,
        scheduling: 'rr',
        bootParallel: 'auto',
      },
      strategy: {},
      environment: { PATH: process.env.PATH, XDG_CACHE_HOME: process.env.XDG_CACHE_HOME, HOME: cwd },
      release: {
        script: join(cwd, 'server.js'),
        args: ['boots', '--json', '--', '--help'],
        nodeArgs: [],
        cwd,
        workerCount: 1,
      },
    },
  });
});

test('the daemon is told every option', async () => {
  const { cwd, start } = installation();
  mkdirSync(join(cwd, 'work'));
  const paths = [
    '--ipc-file',
    'a.ipc',
    '--pid-file',
    'a.pid',
    '--log',
    '/dev/null',
    '--stdout',
    'o.log',
    '--stderr',
    '../e.log',
  ];
  const logs = ['--max-log-size', '1000', '--log-keep', '7', '--log-format', 'json'];
  const drain = ['--drain', 'app', '--drain-linger', '1.5', '--drain-timeout', 'none', '--drain-spread', '0'];
  const rest = [
    '--worker-count',
    '3',
    '--timeout',
    '2.5',
    '--online-on',
    'listening',
    '--scheduling',
    'none',
    '--boot-parallel',
    '3',
    '--surge',
    '25%',
    '--canary',
    '1',
    '--bake',
    '1.5',
    '--max-errors',
    '2.5',
    '--node-args',
    `--title='a b'`,
  ];
  const { exit } = await start(
    ...paths,
    ...logs,
    ...drain,
    ...rest,
    '--cwd',
    'work',
    '--remove-old-ipc=true',
    './server',
  );
  expect(exit).toBe(0);
  expect(told(cwd, 'a.ipc').config).toMatchObject({
    ipcFile: join(cwd, 'a.ipc'),
    ipcName: 'a.ipc',
    pidFile: join(cwd, 'a.pid'),
    removeOldIpc: true,
    bootTimeoutMs: 2500,
    logs: {
      daemon: '/dev/null',
      stdout: join(cwd, 'o.log'),
      stderr: join(cwd, '..', 'e.log'),
      maxSize: 1000,
      keep: 7,
      format: 'json',
    },
    workers: {
      onlineOn: 'listening',
      drain: 'app',
      lingerMs: 1500,
      drainTimeoutMs: null,
      spreadMs: 0,
      scheduling: 'none',
      bootParallel: 3,
    },
    strategy: { surge: '25%', canary: 1, bake: 1.5, maxErrors: 2.5 },
    release: {
      script: join(cwd, 'server'),
      args: [],
      nodeArgs: ['--title=a b'],
      cwd: join(cwd, 'work'),
      workerCount: 3,
    },
  });
});

test.each<[string, string]>([
  ['error', 'unable to start daemon: EACCES: permission denied\n'],
  ['exits', 'unable to start daemon: it exited with code 3\n'],
  ['is-killed', 'unable to start daemon: it exited with signal SIGKILL\n'],
  [
    'finds-stale',
    'unable to connect to ipc-file `naught.ipc`\n\n1. the ipc file specified is invalid, or\n2. the daemon process died unexpectedly\n',
  ],
  ['crashes', `${bootup}worker 0 exited with code 1\n  boom\nThe server crashed without booting. Check stderr.log.\n`],
  ['cut', `${bootup}the daemon ended the answer before its last line\n`],
])('a daemon that %s', async (how, stderr) => {
  const { start } = installation();
  expect(await start('server.js', how)).toEqual({ stdout: '', stderr, exit: 1 });
});

test('a crash points at the log that was chosen', async () => {
  const { start } = installation();
  const { stderr } = await start('--stderr', 'logs/err.log', 'server.js', 'crashes');
  expect(stderr).toContain('The server crashed without booting. Check logs/err.log.\n');
});

test('a server that won the race for the ipc-file shows its status', async () => {
  const { start } = installation();
  expect(await start('server.js', 'finds-running')).toEqual({
    stdout: 'workers online: 1\n',
    stderr: already,
    exit: 1,
  });
});

test('a server that already runs shows its status, and nothing is started', async () => {
  const { cwd, start } = installation();
  await control.fakeControl(cwd, { 'GET /status': control.json(control.status()) });
  expect(await start('server.js')).toEqual({ stdout: 'workers online: 2\n', stderr: already, exit: 1 });
  expect(existsSync(join(cwd, 'naught.ipc.json'))).toBe(false);
});

test('a server that already runs is an error for a program, with its status', async () => {
  const { cwd, start } = installation();
  await control.fakeControl(cwd, { 'GET /status': control.json(control.status()) });
  const { stdout, stderr, exit } = await start('--json', 'server.js');
  expect([stderr, exit]).toEqual(['', 1]);
  const { code, data } = JSON.parse(stdout).error;
  expect([code, data.kind, data.detail.status]).toEqual([1010, 'already-running', control.status()]);
});

test('a stale ipc-file is refused', async () => {
  const { cwd, start } = installation();
  writeFileSync(join(cwd, 'naught.ipc'), '');
  expect(await start('server.js')).toEqual({
    stdout: '',
    stderr:
      'unable to connect to ipc-file `naught.ipc`\n\n1. the ipc file specified is invalid, or\n2. the daemon process died unexpectedly\n',
    exit: 1,
  });
  expect(existsSync(join(cwd, 'naught.ipc.json'))).toBe(false);
});

test('a stale ipc-file is left to the daemon to remove, on demand', async () => {
  const { cwd, start } = installation();
  writeFileSync(join(cwd, 'naught.ipc'), '');
  expect(await start('--remove-old-ipc', 'true', 'server.js')).toEqual({
    stdout: 'workers online: 1\n',
    stderr: `unable to connect to ipc-file \`naught.ipc\`\n\nremoving the ipc-file and attempting to continue\n${bootup}${spawned}`,
    exit: 0,
  });
});

test.each([
  ['nope.js', 'unable to read the script `nope.js`: it does not exist'],
  ['server.js/x', 'unable to read the script `server.js/x`: it does not exist'],
  [
    '.',
    'unable to read the script `.`: it is a directory without an index.js, and without a package.json whose main is there',
  ],
  ['', 'the script must not be empty'],
])('a script `%s` is named, with what is wrong, and the usage', async (script, message) => {
  const { stdout, stderr, exit } = await installation().start(script);
  expect([stdout, exit]).toEqual(['', 2]);
  expect(stderr).toMatch(new RegExp(`^${message.replaceAll('.', '\\.')}\n\nUSAGE\n`));
});

test('Ctrl-C says what goes on and how to stop it, a second one stops it, a third one leaves at once', async () => {
  const { options } = installation();
  const running = begin(['start', 'server.js', 'hangs'], options);
  await running.said('SpawnNew');
  running.child.kill('SIGINT');
  await running.said('naught stop naught.ipc');
  running.child.kill('SIGINT');
  await running.said('stopping the server');
  running.child.kill('SIGINT');
  const goesOn =
    'the server goes on booting: `naught status naught.ipc` shows how far it is; Ctrl-C again, or `naught stop naught.ipc`, stops it\n';
  const { stderr, ...ended } = await running.ended;
  expect(ended).toEqual({ stdout: '', exit: 130 });
  // The first event of the stop comes before the third Ctrl-C, or does not.
  expect([`${spawned}${goesOn}stopping the server\n`, `${spawned}${goesOn}stopping the server\n${spawned}`]).toContain(
    stderr,
  );
});
