import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deployableEnvironment } from '../../src/cli/input/environment.ts';
import { absolutePath, folderPath, scriptPath } from '../../src/cli/input/files.ts';
import { nearest } from '../../src/cli/input/suggest.ts';
import { ownCommand, ownOption } from '../../src/cli/input/words-of-others.ts';
import { temporaryFolder } from './support/control.ts';

test('a deploy sends the environment without what belongs to the command', () => {
  const env = {
    PATH: '/bin',
    NAUGHT_WORKER: '1',
    NODE_CHANNEL_FD: '3',
    NODE_UNIQUE_ID: '1',
    NODE_ENV: '',
    gone: undefined,
  };
  expect(deployableEnvironment(env)).toEqual({ PATH: '/bin', NODE_ENV: '' });
});

test.each([
  ['deply', 'deploy'],
  ['deploy-abrot', 'deploy-abort'],
  ['statsu', 'status'],
  ['stauts', 'status'],
  ['stat', 'status'],
  ['strat', 'start'],
  ['dep', 'deploy'],
  ['deploy-', 'deploy-abort'],
  ['sto', 'stop'],
  ['stap', 'stop'],
  ['st', undefined],
  ['STOP', undefined],
  ['restart', 'start'],
  ['x', undefined],
  ['reload', undefined],
])('takes %s for %s', (word, expected) => {
  expect(nearest(word, ['deploy', 'deploy-abort', 'help', 'start', 'status', 'stop', 'version'])).toBe(expected);
});

test('a word of another program names what naught has for it, and only that', () => {
  expect(ownCommand('monit', ['status', 'top'])).toBe(': in naught that is `naught top`');
  expect(ownCommand('monit', ['status'])).toBe(': in naught that is `naught status`');
  expect(ownCommand('jlist', ['status'])).toBe(': in naught that is `naught status --json`');
  expect(ownCommand('save', [])).toContain('a service manager runs `naught start --daemon-mode false`');
  expect(ownCommand('undo', ['status'])).toBeUndefined();
  expect(ownCommand('frobnicate', ['status'])).toBeUndefined();
  expect(ownOption('--no-daemon', ['--daemon-mode'])).toBe(': in naught that is `--daemon-mode false`');
  expect(ownOption('-i', ['--json'])).toBeUndefined();
});

test('a path is taken by the link that the shell came by, and one that leads up from where that really is', () => {
  const folder = realpathSync(temporaryFolder());
  mkdirSync(join(folder, 'releases/1'), { recursive: true });
  symlinkSync('releases/1', join(folder, 'current'));
  const { PWD } = process.env;
  const here = process.cwd();
  try {
    process.chdir(join(folder, 'current'));
    process.env.PWD = join(folder, 'current');
    expect(absolutePath('server.js')).toBe(join(folder, 'current/server.js'));
    expect(absolutePath('.')).toBe(join(folder, 'current'));
    expect(absolutePath('../../shared/x')).toBe(join(folder, 'shared/x'));
    expect(absolutePath('/a/../b')).toBe('/b');
    for (const other of [folder, './current', join(folder, 'gone')]) {
      process.env.PWD = other;
      expect(absolutePath('server.js')).toBe(join(folder, 'releases/1/server.js'));
    }
  } finally {
    process.chdir(here);
    process.env.PWD = PWD;
  }
});

test('a script is what node would run', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'app'));
  for (const file of ['server.js', 'server.mjs', 'app/index.js']) writeFileSync(join(folder, file), '');
  for (const script of ['server.js', 'server', 'server.mjs', 'app']) {
    expect(scriptPath(join(folder, script))).toBe(join(folder, script));
  }
});

test('a script that is not there is named', () => {
  const path = join(temporaryFolder(), 'nope.js');
  expect(() => scriptPath(path)).toThrow(`unable to read the script \`${path}\`: it does not exist`);
});

test('a working directory must be one', () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => folderPath(file)).toThrow('it is not a directory');
  expect(() => folderPath(`${file}-not`)).toThrow('it does not exist');
});
