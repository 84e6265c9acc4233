import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { fakeControl, temporaryFolder } from './support/control.ts';
import { naught, repository } from './support/naught.ts';

const run = (...args: string[]) => naught(args, { cwd: temporaryFolder() });

test.each<[string[], string]>([
  [['start'], 'missing script'],
  [['start', '--bogus', 'x', 'server.js'], 'unknown option `--bogus`'],
  [['start', '-x', 'server.js'], 'unknown option `-x`'],
  [
    ['start', '--worker-count', '5x', 'server.js'],
    '--worker-count must be a whole number from 1 to 1024, or auto, not `5x`',
  ],
  [
    ['start', '--worker-count', '0', 'server.js'],
    '--worker-count must be a whole number from 1 to 1024, or auto, not `0`',
  ],
  [
    ['start', '--worker-count', '1025', 'server.js'],
    '--worker-count must be a whole number from 1 to 1024, or auto, not `1025`',
  ],
  [['deploy', '--timeout', '3000000'], '--timeout must be seconds up to 2000000, or none, not `3000000`'],
  [['start', '--max-log-size', '10M', 'server.js'], '--max-log-size must be a whole number of bytes from 1, not `10M`'],
  [['start', '--daemon-mode', 'no', 'server.js'], '--daemon-mode must be true or false, not `no`'],
  ...['now', 'listening:', 'listening:0', 'listening:080', 'listening:70000', 'listeningx', ''].map(
    (word): [string[], string] => [
      ['start', '--online-on', word, 'server.js'],
      `--online-on must be auto, message, listening, listening:PORT or listening:PATH, not \`${word}\``,
    ],
  ),
  [['start', '--node-args', "'x", 'server.js'], "--node-args has an unclosed ': `'x`"],
  [['start', '--ipc-file', '', 'server.js'], '--ipc-file must not be empty'],
  [['start', '--log', '-', 'server.js'], '--log - needs --daemon-mode false: a daemon has no terminal'],
  [['logs', '-n', '1.5'], '--lines must be a whole number up to 1000000, or all, not `1.5`'],
  [['logs', '--grep', '('], '--grep is not a regular expression: Invalid regular expression: /(/: Unterminated group'],
  [['logs', '--worker', 'a'], "--worker must be a worker's number, not `a`"],
  [['logs', '--stream', 'x'], '--stream must be stdout or stderr or daemon, not `x`'],
  [['deploy', '--env', 'SECRET'], '--env must be NAME=VALUE'],
  [['deploy', '--env', '=x'], '--env must be NAME=VALUE'],
  [['deploy', '--unset', 'A=1'], '--unset must be the name of a variable, not `A=1`'],
  [['deploy', '--env', 'A=1', '--unset', 'A'], '--env and --unset both name A'],
  [
    ['deploy', '--clean-env', '--override-env', 'false'],
    '--clean-env takes what --override-env false leaves out: give one of them',
  ],
  [['start', '--keep-releases', '0', 'server.js'], '--keep-releases must be a whole number from 1 to 1000, not `0`'],
  [['rollback', 'last'], 'the release must be the number of a release, not `last`'],
  [['rollback', '0'], 'the release must be the number of a release, not `0`'],
  [['rollback', './a.ipc', '3'], 'unexpected argument `3`'],
  [['scale'], 'missing count'],
  ...['0', 'x', '2.5', '+', '-1.5', '%', '1025', ''].map((word): [string[], string] => [
    ['scale', word],
    `the count must be a whole number from 1 to 1024, or relative to the count of now (+2, -1, 150%), or auto, not \`${word}\``,
  ]),
  [['stop', '--timeout'], '--timeout expects a value'],
  [['stop', '--timeout', '-1'], '--timeout must be seconds up to 2000000, or none, not `-1`'],
  [
    ['deploy', '--worker-count', '1.5'],
    '--worker-count must be a whole number from 1 to 1024, 0 to keep the count, or auto, not `1.5`',
  ],
  [['status', 'a.ipc', 'b.ipc'], 'unexpected argument `b.ipc`'],
  [['version', '1'], 'unexpected argument `1`'],
])('%j: %s, and the usage', async (args, message) => {
  const { stdout, stderr, exit } = await run(...args);
  expect([stdout, exit]).toEqual(['', 2]);
  const [problem, usage, more] = stderr.split('\n\n');
  expect([problem, more]).toEqual([message, `\`naught help ${args[0]}\` says more.\n`]);
  expect(usage).toMatch(new RegExp(`^USAGE\n  \\$ naught ${args[0]}.*$`));
});

test.each([
  [['stauts'], 'unknown command `stauts`, did you mean `status`?\n'],
  [['deply'], 'unknown command `deply`, did you mean `deploy`?\n'],
  [['help', 'statsu'], 'unknown command `statsu`, did you mean `status`?\n'],
  [['frobnicate'], 'unknown command `frobnicate`\n'],
  [['reload'], 'unknown command `reload`: in naught that is `naught deploy`\n'],
  [['ls'], 'unknown command `ls`: in naught that is `naught status`\n'],
  [['start', '-i', '4', 'server.js'], 'unknown option `-i`: in naught that is `--worker-count`\n'],
  [['deploy', '--workers', '4'], 'unknown option `--workers`: in naught that is `--worker-count`\n'],
  [['-x', 'status'], 'the command comes first: `-x` is an option\n'],
])('%j names the command that was meant', async (args, message) => {
  const { stdout, stderr, exit } = await run(...args);
  expect([stdout, exit]).toEqual(['', 2]);
  expect(stderr).toContain(message);
  expect(stderr).toMatch(/USAGE\n {2}\$ naught .*\n\n`naught help( \w+)?` says more\.\n$/);
});

test.each([
  ['--json', 'statsu'],
  ['statsu', '--json'],
  ['--json', 'status', '--bogus'],
  ['status', '--bogus', '--json'],
  ['deploy', '--timeout', '--json'],
  ['--json'],
])('wrong usage is an error as JSON wherever --json stands: %s %s %s', async (...args) => {
  const { stdout, stderr, exit } = await run(...args.filter(Boolean));
  expect([stderr, exit]).toEqual(['', 2]);
  expect(JSON.parse(stdout)).toMatchObject({ error: { data: { kind: 'invalid-params' } } });
});

test('wrong usage with --json is an error as JSON and nothing else', async () => {
  const { stdout, stderr, exit } = await run('stop', '--json', '--timeout', 'soon');
  expect([stderr, exit]).toEqual(['', 2]);
  expect(JSON.parse(stdout)).toEqual({
    error: {
      code: -32602,
      message: '--timeout must be seconds up to 2000000, or none, not `soon`',
      data: { kind: 'invalid-params' },
    },
  });
});

test('an ipc-file with too long a path is refused with the length, the limit and the remedy', async () => {
  const { stderr, exit } = await run('status', `/tmp/${'x'.repeat(200)}`);
  expect(exit).toBe(2);
  expect(stderr).toContain('the path of the ipc-file is 205 bytes long');
  expect(stderr).toContain('choose a shorter one');
});

test.each([
  'start',
  'stop',
  'status',
  'deploy',
  'deploy-abort',
  'releases',
  'rollback',
  'restart',
  'scale',
  'logs',
  'version',
])('help %s has its usage and an example', async (verb) => {
  const [help, flag] = await Promise.all([run('help', verb), run(verb, '--help')]);
  expect([help.exit, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain(`USAGE\n  $ naught ${verb}`);
  expect(help.stdout).toMatch(new RegExp(`EXAMPLES\n  \\$ naught ${verb}`));
  expect(flag).toEqual(help);
});

test('naught alone prints the help, and fails', async () => {
  const [alone, help] = await Promise.all([run(), run('help')]);
  expect([alone.stdout, alone.stderr, alone.exit]).toEqual(['', help.stdout, 1]);
  expect(help.exit).toBe(0);
  for (const verb of ['start', 'stop', 'status', 'deploy', 'deploy-abort', 'logs', 'version', 'help']) {
    expect(help.stdout).toContain(`  ${verb}`);
  }
});

test('version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  expect(await run('version')).toEqual({ stdout: `${version}\n`, stderr: '', exit: 0 });
  expect(await run('--version')).toEqual({ stdout: `${version}\n`, stderr: '', exit: 0 });
  expect((await run('version', '--json')).stdout).toBe(`${JSON.stringify({ version })}\n`);
});

test.skipIf(process.getuid?.() !== 0)('a user without a passwd entry, a home and a shell can use it', () => {
  const main = join(repository, 'dist', 'cli', 'main.js');
  const { stdout, stderr } = spawnSync(process.execPath, [main, 'status', '/tmp/naught-nowhere.ipc'], {
    cwd: '/',
    env: {},
    uid: 54321,
    gid: 54321,
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual(['', 'server not running\n']);
});

test.skipIf(process.getuid?.() !== 0).each([
  [0, 'root: run this as that user, with sudo -u root'],
  [54322, "the user id 54322: run this as that user, with sudo -u '#54322'"],
])('the ipc-file of the user %s is refused to another one with the name and the remedy', async (owner, words) => {
  const folder = temporaryFolder();
  const { ipcFile } = await fakeControl(folder, {});
  chmodSync(folder, 0o755);
  chmodSync(ipcFile, 0o600);
  chownSync(ipcFile, owner, owner);
  const main = join(repository, 'dist', 'cli', 'main.js');
  const options = { cwd: '/', env: {}, uid: 54321, gid: 54321, encoding: 'utf8' } as const;
  const { stderr, status } = spawnSync(process.execPath, [main, 'status', ipcFile], options);
  expect([stderr, status]).toEqual([`unable to connect to ipc-file \`${ipcFile}\`: it belongs to ${words}\n`, 1]);
});

test.skipIf(process.getuid?.() !== 0)('nothing is sent to a socket of another user, not by root either', async () => {
  const folder = temporaryFolder();
  const { ipcFile, requests } = await fakeControl(folder, {});
  chownSync(ipcFile, 54322, 54322);
  for (const words of [['deploy'], ['stop'], ['start', '--ipc-file', ipcFile, fileURLToPath(import.meta.url)]]) {
    const { stdout, stderr, exit } = await naught(words[0] === 'start' ? words : [...words, ipcFile], { cwd: folder });
    const remedy = "it belongs to the user id 54322: run this as that user, with sudo -u '#54322'";
    expect([stdout, stderr, exit]).toEqual(['', `unable to connect to ipc-file \`${ipcFile}\`: ${remedy}\n`, 1]);
  }
  expect(requests).toEqual([]);
});
