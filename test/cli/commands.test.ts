import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Answer } from './support/control.ts';
import * as control from './support/control.ts';
import { begin, naught } from './support/naught.ts';

const { counts, daemon, event, outcome } = control;

const jsonOf = (text: string) => JSON.parse(text);
const spawned = 'SpawnNew. booting: 1, online: 1, dying: 0, new_online: 0\n';
const spawnEvent = event('SpawnNew', counts(1, 1));

test('status counts the workers', async () => {
  const { cwd } = await daemon({ 'GET /status': control.json(control.status()) });
  expect(await naught(['status'], { cwd })).toEqual({ stdout: 'workers online: 2\n', stderr: '', exit: 0 });
});

test('status tells of a deploy, of any ipc-file', async () => {
  const status = control.status({ waitingFor: 'old', count: counts(0, 2, 1) });
  const { ipcFile } = await daemon({ 'GET /status': control.json(status) });
  expect(await naught(['status', ipcFile], { cwd: '/' })).toEqual({
    stdout: 'deploy in progress\nbooting: 0, online: 2, dying: 1, new_online: 0\n',
    stderr: '',
    exit: 0,
  });
});

test('status --json is the result of the method', async () => {
  const { cwd } = await daemon({ 'GET /status': control.json(control.status()) });
  const { stdout, stderr, exit } = await naught(['status', '--json'], { cwd });
  expect([jsonOf(stdout), stderr, exit]).toEqual([control.status(), '', 0]);
});

test.each([
  [['status'], 1],
  [['deploy'], 1],
  [['deploy-abort'], 1],
  [['logs'], 1],
  [['logs', '-f', '--grep', 'x'], 1],
  [['stop'], 0],
])('%j without a server says so', async (args, exit) => {
  const cwd = control.temporaryFolder();
  expect(await naught(args, { cwd })).toEqual({ stdout: '', stderr: 'server not running\n', exit });
});

test.each(['status', 'deploy', 'deploy-abort', 'stop'])(
  '%s at a stale ipc-file gives the two reasons',
  async (verb) => {
    const cwd = control.temporaryFolder();
    writeFileSync(join(cwd, 'old.ipc'), '');
    expect(await naught([verb, './old.ipc'], { cwd })).toEqual({
      stdout: '',
      stderr:
        'unable to connect to ipc-file `./old.ipc`\n\n1. the ipc file specified is invalid, or\n2. the daemon process died unexpectedly\n',
      exit: 1,
    });
  },
);

test('an error as JSON is the only output', async () => {
  const cwd = control.temporaryFolder();
  const { stdout, stderr, exit } = await naught(['status', '--json'], { cwd });
  expect([stderr, exit]).toEqual(['', 1]);
  expect(jsonOf(stdout)).toEqual({
    error: {
      code: 1008,
      message: 'server not running',
      data: { kind: 'unavailable', detail: { reason: 'not-running', ipcFile: join(cwd, 'naught.ipc') } },
    },
  });
});

test('deploy shows the events but the last, and is done', async () => {
  const lines = [
    spawnEvent,
    event('NewOnline', counts(0, 1, 0, 1)),
    event('Ready', counts(0, 2)),
    { result: outcome() },
  ];
  const { cwd, requests } = await daemon({ 'POST /deploy': control.ndjson(lines) });
  const env = { GREETING: 'hello', NAUGHT_WORKER: '3' };
  expect(await naught(['deploy'], { cwd, env })).toEqual({
    stdout: '',
    stderr: `${spawned}NewOnline. booting: 0, online: 1, dying: 0, new_online: 1\ndone\n`,
    exit: 0,
  });
  const { environment, ...rest } = requests[0]!.body as { environment: Record<string, string> };
  expect(rest).toEqual({ workerCount: 0, timeout: null, waitOld: true });
  expect(environment).toMatchObject({ GREETING: 'hello', HOME: cwd });
  // SHELL is not set, and is lent to oclif for a moment.
  for (const name of ['NAUGHT_WORKER', 'SHELL']) expect(environment).not.toHaveProperty(name);
});

test('deploy sends what it was told', async () => {
  const { cwd, requests } = await daemon({ 'POST /deploy': control.ndjson([{ result: outcome() }]) });
  mkdirSync(join(cwd, 'next'));
  writeFileSync(join(cwd, 'next/server.js'), '');
  const options = ['--worker-count', '4', '--override-env', 'false', '--timeout', '1.5', '--cwd', '..'];
  const release = ['--script', 'next/server.js', '--node-args', `--title='a b' --trace-warnings`];
  const { exit } = await naught(['deploy', ...options, ...release, 'naught.ipc', '--', '--json', 'x y'], { cwd });
  expect(exit).toBe(0);
  expect(requests.find(({ route }) => route === 'POST /deploy')!.body).toEqual({
    workerCount: 4,
    timeout: 1.5,
    waitOld: true,
    cwd: join(cwd, '..'),
    script: join(cwd, 'next/server.js'),
    nodeArgs: ['--title=a b', '--trace-warnings'],
    args: ['--json', 'x y'],
  });
});

test('deploy says where the workers run when that is not the directory of the command', async () => {
  const { cwd, ipcFile } = await daemon({ 'POST /deploy': control.ndjson([{ result: outcome() }]) });
  const elsewhere = await naught(['deploy', ipcFile], { cwd: '/' });
  expect(elsewhere.stderr).toBe(
    `the workers run in ${cwd}, as before; --cwd . is the directory of this command\ndone\n`,
  );
  expect((await naught(['deploy', '--cwd', '.', ipcFile], { cwd: '/' })).stderr).toBe('done\n');
});

test('deploy states the environment whole with --override-env false, --env and --unset', async () => {
  const { cwd, requests } = await daemon({ 'POST /deploy': control.ndjson([{ result: outcome() }]) });
  const words = ['--env', 'A=1', '--unset', 'B', '--env', 'C=x=y', '--unset=D', '--env', 'E='];
  expect(await naught(['deploy', '--override-env', 'false', ...words, 'naught.ipc'], { cwd })).toMatchObject({
    exit: 0,
  });
  expect(requests[0]!.body).toMatchObject({ environment: { A: '1', B: null, C: 'x=y', D: null, E: '' } });
  await naught(['deploy', '--unset', 'HOME', '--env', 'GREETING=hi'], { cwd, env: { GREETING: 'hello', OTHER: '1' } });
  const overridden = requests.filter(({ route }) => route === 'POST /deploy')[1];
  expect(overridden!.body).toMatchObject({ environment: { HOME: null, GREETING: 'hi', OTHER: '1' } });
});

test('deploy --json prints no event', async () => {
  const { cwd } = await daemon({ 'POST /deploy': control.ndjson([spawnEvent, { result: outcome() }]) });
  const { stdout, stderr } = await naught(['deploy', '--json'], { cwd });
  expect([jsonOf(stdout), stderr]).toEqual([outcome(), '']);
});

test.each<[string, Answer, string]>([
  [
    'fails',
    control.ndjson([event('DeployFailed', counts(0, 1)), control.errorLine('deploy-failed', 'worker 0 exited\nboom')]),
    "worker 0 exited\nboom\nDeploy failed. Check stderr.log and usage of 'online' and 'shutdown' events.\n",
  ],
  ['is aborted by another', control.ndjson([control.errorLine('deploy-aborted', 'aborted', 1005)]), 'deploy aborted\n'],
  [
    'finds another in progress',
    control.problem(409, 'deploy-in-progress', 'since 12:00'),
    'Deploy already in progress. Run naught deploy-abort to abort.\n',
  ],
  [
    'comes too early',
    control.problem(409, 'still-booting', 'The server is still booting', 1007),
    'The server is still booting\n',
  ],
  ['is cut short', control.ndjson([spawnEvent]), `${spawned}the daemon ended the answer before its last line\n`],
])('deploy that %s', async (_title, answer, stderr) => {
  const { cwd } = await daemon({ 'POST /deploy': answer });
  expect(await naught(['deploy'], { cwd })).toEqual({ stdout: '', stderr, exit: 1 });
});

test('parameters that the daemon refuses are wrong usage', async () => {
  const { cwd } = await daemon({
    'POST /deploy': control.problem(400, 'invalid-params', '/workerCount: too many', -32602),
  });
  expect(await naught(['deploy'], { cwd })).toEqual({ stdout: '', stderr: '/workerCount: too many\n', exit: 2 });
});

test('Ctrl-C aborts the deploy and follows it to its end', async () => {
  let end = () => {};
  const { cwd, requests } = await daemon({
    'POST /deploy': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(spawnEvent)}\n`);
      end = () => {
        response.write(`${JSON.stringify(event('NewDestroyed', counts(0, 1)))}\n`);
        response.end(`${JSON.stringify(control.errorLine('deploy-aborted', 'aborted', 1005))}\n`);
      };
    },
    'POST /deploy/abort': async (response, request) => {
      await control.ndjson([event('DestroyNew', counts(1, 1)), { result: outcome() }])(response, request);
      end();
    },
  });
  const running = begin(['deploy'], { cwd });
  await running.said('SpawnNew');
  running.child.kill('SIGINT');
  expect(await running.ended).toEqual({
    stdout: '',
    stderr: `${spawned}aborting deploy\nNewDestroyed. booting: 0, online: 1, dying: 0, new_online: 0\ndeploy aborted\n`,
    exit: 1,
  });
  expect(requests.map(({ route }) => route)).toEqual(['POST /deploy', 'POST /deploy/abort']);
});

test('a second Ctrl-C leaves at once', async () => {
  const { cwd } = await daemon({
    'POST /deploy': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(spawnEvent)}\n`);
    },
    'POST /deploy/abort': (response) => control.begin(response),
  });
  const running = begin(['deploy'], { cwd });
  await running.said('SpawnNew');
  running.child.kill('SIGINT');
  await running.said('aborting deploy');
  running.child.kill('SIGINT');
  expect(await running.ended).toEqual({ stdout: '', stderr: `${spawned}aborting deploy\n`, exit: 130 });
});

test('deploy-abort tells what it did', async () => {
  const lines = [event('DestroyNew', counts(1, 1)), event('Ready', counts(0, 1)), { result: outcome() }];
  const { cwd } = await daemon({ 'POST /deploy/abort': control.ndjson(lines) });
  expect(await naught(['deploy-abort'], { cwd })).toEqual({
    stdout: '',
    stderr: 'DestroyNew. booting: 1, online: 1, dying: 0, new_online: 0\ndeploy aborted\n',
    exit: 0,
  });
});

test('deploy-abort without a deploy', async () => {
  const refusal = control.problem(409, 'no-deploy-in-progress', 'No deploy in progress', 1002);
  const { cwd } = await daemon({ 'POST /deploy/abort': refusal });
  expect(await naught(['deploy-abort'], { cwd })).toEqual({ stdout: '', stderr: 'no deploy in progress\n', exit: 1 });
});
