import { mkdirSync, readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../src/protocol/status-schemas.ts';
import { Naught, server } from '../support/naught.ts';

const tooLong = `${'long/'.repeat(30)}naught.ipc`;

describe('a start that cannot be', () => {
  let naught: Naught;
  beforeAll(() => {
    naught = new Naught();
    naught.write('file', 'in the way');
    mkdirSync(naught.path('empty'));
    return () => naught[Symbol.asyncDispose]();
  });

  it.each<[string, string[], number, RegExp]>([
    [
      'an unknown option',
      ['--worker-cuont', '2', server],
      2,
      /^unknown option `--worker-cuont`, did you mean `--worker-count`\?\n[\s\S]*USAGE/,
    ],
    ['no script', [], 2, /^missing script\n[\s\S]*USAGE/],
    [
      'a script that does not exist',
      ['gone.js'],
      2,
      /^unable to read the script `gone\.js`: it does not exist\n\nUSAGE/,
    ],
    ['a folder that holds no script', ['empty'], 2, /^unable to read the script `empty`: it is a directory without/],
    ['no workers', ['--worker-count', '0', server], 2, /^--worker-count must be .*, not `0`\n/],
    ['half a worker', ['--worker-count', '1.5', server], 2, /^--worker-count must be .*, not `1\.5`\n/],
    ['fewer workers than none', ['--worker-count', '-1', server], 2, /^--worker-count must be .*, not `-1`\n/],
    ['workers in words', ['--worker-count', 'many', server], 2, /^--worker-count must be .*, not `many`\n/],
    ['an empty count', ['--worker-count', '', server], 2, /^--worker-count must be .*, not ``\n/],
    ['an ipc-file that is too long', ['--ipc-file', tooLong, server], 2, /^the path of the ipc-file is \d+ bytes long/],
    ['a folder of the ipc-file that is a file', ['--ipc-file', 'file/x.ipc', server], 1, /file\/x\.ipc|\/file'?\n/],
    [
      'a folder of the pid file that is a file',
      ['--pid-file', 'file/a/x.pid', server],
      1,
      /^unable to start daemon: .*file/,
    ],
    ['a folder of a log that is a file', ['--stderr', 'file/x.log', server], 1, /^unable to start daemon: .*\/file/],
    ['a log that is a folder', ['--log', 'empty', server], 1, /^unable to start daemon: .*\/empty/],
    ['a cwd that is a file', ['--cwd', 'file', server], 2, /^unable to use --cwd `file`: it is not a directory\n\n/],
    ['a cwd that does not exist', ['--cwd', 'gone', server], 2, /^unable to use --cwd `gone`: it does not exist\n\n/],
    ['a switch that is neither on nor off', ['--daemon-mode', 'no', server], 2, /^--daemon-mode must be true or false/],
    ['a size of no log', ['--max-log-size', '10MB', server], 2, /^--max-log-size must be .*, not `10MB`\n/],
    ['quotes that are not closed', ['--node-args', "'--x", server], 2, /^--node-args .*'--x/],
    ['a terminal for a daemon', ['--stdout', '-', server], 2, /^--stdout - needs --daemon-mode false/],
  ])('for %s says so, and leaves nothing', async (_what, args, code, message) => {
    const refused = await naught.run(['start', ...args]);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toMatch(message);
    const left = readdirSync(naught.dir).filter((name) => !name.endsWith('.log'));
    expect(left.sort()).toEqual(['empty', 'file']);
    expect(naught.read('file')).toBe('in the way');
  });

  it('for node arguments that node does not know shows what node says', async () => {
    const refused = await naught.run(['start', '--node-args', '--no-such-option', server]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('bad option: --no-such-option');
    expect(refused.stderr).toContain('The server crashed without booting. Check stderr.log.\n');
    expect(naught.pid()).toBeNull();
  });
});

describe('a command that cannot be', () => {
  let naught: Naught;
  let before: Status;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start();
    before = await naught.status();
    return () => naught[Symbol.asyncDispose]();
  });

  it.each<[string, string[], number, RegExp]>([
    ['an unknown command', ['delpoy'], 2, /^unknown command `delpoy`, did you mean `deploy`\?\n/],
    [
      'an unknown option',
      ['deploy', '--override-evn', 'true'],
      2,
      /^unknown option `--override-evn`, did you mean `--override-env`\?\n/,
    ],
    ['a bad worker count', ['deploy', '--worker-count', '2.5'], 2, /^--worker-count must be .*, not `2\.5`\n/],
    ['a bad timeout of a deploy', ['deploy', '--timeout', 'soon'], 2, /^--timeout must be .*, not `soon`\n/],
    ['a bad timeout of a stop', ['stop', '--timeout', '-1'], 2, /^--timeout must be .*, not `-1`\n/],
    ['a bad switch', ['deploy', '--override-env', 'yes'], 2, /^--override-env must be true or false, not `yes`\n/],
    ['a cwd that does not exist', ['deploy', '--cwd', 'gone'], 2, /^unable to use --cwd `gone`: it does not exist\n\n/],
    [
      'a script that does not exist',
      ['deploy', '--script', 'gone.js'],
      2,
      /^unable to read the script `gone\.js`: it does not/,
    ],
    ['too many arguments', ['status', 'naught.ipc', 'other.ipc'], 2, /^unexpected argument `other\.ipc`\n/],
    ['an ipc-file that is too long', ['status', tooLong], 2, /^the path of the ipc-file is \d+ bytes long/],
    ['an abort of nothing', ['deploy-abort'], 1, /^no deploy in progress\n$/],
  ])('for %s says so, and changes nothing', async (_what, args, code, message) => {
    const refused = await naught.run(args);
    expect(refused).toMatchObject({ code, stdout: '' });
    expect(refused.stderr).toMatch(message);
    const { pid, release, workers } = await naught.status();
    expect({ pid, release, worker: workers[0]?.pid }).toEqual({
      pid: before.pid,
      release: 1,
      worker: before.workers[0]?.pid,
    });
  });

  it.each(['status', 'deploy', 'deploy-abort'])('of %s says that no server is running, exit 1', async (command) => {
    const refused = await naught.run([command, 'other.ipc']);
    expect(refused).toEqual({ code: 1, signal: null, stdout: '', stderr: 'server not running\n' });
  });

  it('of stop without a server says so, exit 0', async () => {
    const stopped = await naught.run(['stop', 'other.ipc']);
    expect(stopped).toEqual({ code: 0, signal: null, stdout: '', stderr: 'server not running\n' });
  });

  it('tells a program about all of this in JSON', async () => {
    const refused = await naught.run(['deploy-abort', '--json']);
    expect(refused).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: 1002, data: { kind: 'no-deploy-in-progress' } },
    });
    for (const option of ['--cwd', '--script']) {
      const missing = await naught.run(['deploy', '--json', option, 'gone']);
      expect(missing).toMatchObject({ code: 2, stderr: '' });
      expect(JSON.parse(missing.stdout)).toMatchObject({ error: { data: { kind: 'invalid-params' } } });
    }
  });
});
