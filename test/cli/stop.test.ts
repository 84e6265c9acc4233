import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as control from './support/control.ts';
import { naught } from './support/naught.ts';

const { counts, daemon, event, outcome } = control;

const stopLines = [
  event('ShutdownOld', counts(0, 0, 1), 'shutdown'),
  event('WorkerDeath', counts(), 'shutdown'),
  event('OldExit', counts(), 'shutdown'),
  event('Shutdown', counts(), 'shutdown'),
  { result: outcome(counts()) },
];
const stopped =
  'ShutdownOld. booting: 0, online: 0, dying: 1, new_online: 0\nOldExit. booting: 0, online: 0, dying: 0, new_online: 0\n';

test('stop shows the events up to the last OldExit, and waits until the ipc-file is gone', async () => {
  let removedAfterAnswer = false;
  const { cwd, ipcFile, requests } = await daemon({
    'POST /stop': async (response, request) => {
      response.once('close', () => {
        removedAfterAnswer = existsSync(ipcFile);
        rmSync(ipcFile);
      });
      await control.ndjson(stopLines)(response, request);
    },
  });
  expect(await naught(['stop', '--timeout', '3', '--pid-file', 'x.pid'], { cwd })).toEqual({
    stdout: '',
    stderr: stopped,
    exit: 0,
  });
  expect([removedAfterAnswer, existsSync(ipcFile)]).toEqual([true, false]);
  expect(requests[0]!.body).toEqual({ timeout: 3 });
});

test.each([
  [
    [],
    'Waiting for shutdown already in progress.\nIf it hangs, Ctrl+C this command and try it again with --timeout 1\n',
  ],
  [['--timeout', '1'], 'Waiting for shutdown already in progress.\n'],
])('stop %j while stopping says that it waits', async (args, words) => {
  const { cwd } = await daemon({
    'POST /stop': async (response, request) => {
      rmSync(join(cwd, 'naught.ipc'));
      await control.ndjson(stopLines, { 'naught-joined': '1' })(response, request);
    },
  });
  expect(await naught(['stop', ...args], { cwd })).toEqual({ stdout: '', stderr: `${words}${stopped}`, exit: 0 });
});

test('stop --json without a server is a result, as its exit code says', async () => {
  const { stdout, stderr, exit } = await naught(['stop', '--json'], { cwd: control.temporaryFolder() });
  expect([stderr, exit]).toEqual(['', 0]);
  expect(JSON.parse(stdout)).toEqual({ count: counts(), waitingFor: null });
});

test('the daemon whose ipc-file is gone is told with its pid, by its own pid-file', async () => {
  const cwd = control.temporaryFolder();
  const naughtPid = join(cwd, 'naught.pid');
  const daemon = spawn(process.execPath, [
    '-e',
    "process.title = 'naught: supervisor x'; console.log(); setInterval(() => {}, 1e9)",
  ]);
  onTestFinished(() => void daemon.kill('SIGKILL'));
  await once(daemon.stdout, 'data');
  const gone = (file: string) => ({
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(`^the ipc-file .* is gone, .*${file}.* the daemon runs: pid ${daemon.pid}\n`),
    ),
    exit: 1,
  });
  const notRunning = { stdout: '', stderr: 'server not running\n' };
  writeFileSync(naughtPid, `${daemon.pid}\n`);
  expect(await naught(['stop'], { cwd })).toEqual(gone('naught.pid'));
  expect(await naught(['status'], { cwd })).toEqual(gone('naught.pid'));
  // It may be the daemon of another ipc-file in the folder.
  writeFileSync(join(cwd, 'other.ipc'), '');
  expect(await naught(['stop', 'shop.ipc'], { cwd })).toEqual({ ...notRunning, exit: 0 });
  expect(await naught(['stop', '--pid-file', 'naught.pid', 'shop.ipc'], { cwd })).toEqual(gone('naught.pid'));
  renameSync(naughtPid, join(cwd, 'shop.pid'));
  expect(await naught(['stop', 'shop.ipc'], { cwd })).toEqual(gone('shop.pid'));
  daemon.kill('SIGKILL');
  await once(daemon, 'exit');
  expect(await naught(['stop', 'shop.ipc'], { cwd })).toEqual({ ...notRunning, exit: 0 });
});

test('a daemon that dies while it stops is told of', async () => {
  const { cwd } = await daemon({
    'POST /stop': (response) => {
      control.begin(response);
      response.write(`${JSON.stringify(stopLines[0])}\n`, () => response.destroy());
    },
  });
  const { stderr, exit } = await naught(['stop'], { cwd });
  expect(stderr).toMatch(/^ShutdownOld\..*\nthe daemon ended the answer before its last line\n$/);
  expect(exit).toBe(1);
});

test.each([
  {
    args: [],
    stdout: '',
    words: '4711 bytes of /full/stdout.log are lost: they could not be written before the server was gone\n',
  },
  { args: ['--json'], stdout: '"lostLogs"', words: '' },
])('what of a log is lost to a full disk is told (stop $args)', async ({ args, stdout, words }) => {
  const result = { ...outcome(counts()), lostLogs: [{ log: '/full/stdout.log', bytes: 4711 }] };
  const { cwd } = await daemon({
    'POST /stop': async (response, request) => {
      rmSync(join(cwd, 'naught.ipc'));
      await control.ndjson([{ result }])(response, request);
    },
  });
  const ended = await naught(['stop', ...args], { cwd });
  expect(ended).toMatchObject({ stderr: words, exit: 0 });
  expect(ended.stdout).toContain(stdout);
});
