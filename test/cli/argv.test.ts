import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { arrange, readWords, wantsForeground } from '../../src/cli/input/argv.ts';
import { repository } from './support/naught.ts';

/** What program.ts reads a command line by. */
const { commands } = JSON.parse(readFileSync(join(repository, 'oclif.manifest.json'), 'utf8'));
const arranged = (...argv: string[]) => arrange(readWords(argv, commands[argv[0]!].flags));

test.each<[string, string[], string[]]>([
  ['gives an option its value', ['start', '--log', 'x.log', 'a.js'], ['--log=x.log', 'a.js', '--']],
  ['takes --name=value', ['start', '--log=x.log', 'a.js'], ['--log=x.log', 'a.js', '--']],
  ['keeps an empty value', ['start', '--node-args', '', 'a.js'], ['--node-args=', 'a.js', '--']],
  [
    'takes a value that looks like an option',
    ['start', '--node-args', '--inspect', 'a.js'],
    ['--node-args=--inspect', 'a.js', '--'],
  ],
  ['lets the last of a name win', ['stop', '--timeout', '1', '--timeout', '2'], ['--timeout=2']],
  [
    'keeps each of what may be repeated',
    ['deploy', '--env', 'A=1', '--timeout', '1', '--env=B=2', 'x.ipc', '--timeout=2'],
    ['--env=A=1', '--env=B=2', '--timeout=2', 'x.ipc'],
  ],
  ['gives --json no value', ['start', '--json', 'a.js'], ['--json', 'a.js', '--']],
  ['leaves an option at the end alone', ['stop', '--timeout'], ['--timeout']],
  [
    'leaves everything after the script to it',
    ['start', 'a.js', '--json', '--help', '--log', 'b'],
    ['a.js', '--', '--json', '--help', '--log', 'b'],
  ],
  ["leaves the user's own -- after the script to it", ['start', 'a.js', '--', 'b'], ['a.js', '--', '--', 'b']],
  ['takes the word after -- as the script', ['start', '--', 'a.js', '-v'], ['a.js', '--', '-v']],
  ['finds options after an ipc-file', ['stop', 'x.ipc', '--timeout', '1'], ['--timeout=1', 'x.ipc']],
  ['leaves what follows -- in deploy to the script', ['deploy', 'x.ipc', '--', '--json'], ['x.ipc', '--', '--json']],
  ['keeps an empty list of new arguments in deploy', ['deploy', '--'], ['--']],
  ['takes what follows -- elsewhere as an argument', ['status', '--', 'x.ipc'], ['x.ipc']],
  ['knows the letters of logs', ['logs', '-f', '-n', '5', 'x.ipc'], ['--follow', '--lines=5', 'x.ipc']],
  ['gives --follow no value', ['logs', '--follow', 'x.ipc'], ['--follow', 'x.ipc']],
  ['knows no letters elsewhere', ['status', '-f', 'x.ipc'], ['-f', 'x.ipc']],
  ['takes - as an argument', ['status', '-'], ['-']],
])('%s', (_title, argv, expected) => {
  expect(arranged(...argv)).toEqual(expected);
});

test.each<[boolean, string[]]>([
  [true, ['start', '--daemon-mode', 'false', 'a.js']],
  [true, ['start', '--log', '-', '--daemon-mode=false', 'a.js']],
  [false, ['start', '--daemon-mode', 'true', 'a.js']],
  [false, ['start', '--daemon-mode', 'false', '--daemon-mode', 'true', 'a.js']],
  [false, ['start', '--daemon-mode', 'false', '--help']],
  [false, ['start', '--log', '--daemon-mode', 'false', 'a.js']],
  [false, ['start', 'a.js', '--daemon-mode', 'false']],
  [false, ['deploy', '--daemon-mode', 'false']],
  [false, []],
])('says %s to the foreground for %j', (expected, argv) => {
  expect(wantsForeground(argv)).toBe(expected);
});

test('a start is understood without the manifest, which is read too late for it', () => {
  for (const name of Object.keys(commands.start.flags)) {
    const argv = ['start', `--${name}`, 'next', 'a.js', 'b'];
    expect(readWords(argv)).toEqual(readWords(argv, commands.start.flags));
  }
});
