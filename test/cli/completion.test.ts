import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './support/control.ts';
import { repository } from './support/naught.ts';

const main = join(repository, 'dist/cli/main.js');
const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;
const scriptFor = (shell: string) =>
  spawnSync(process.execPath, [main, 'completion', shell], { encoding: 'utf8' }).stdout;

/** A folder with two servers that run, or did, and two scripts. */
function folder(): string {
  const cwd = temporaryFolder();
  for (const file of ['naught.ipc', 'shop.ipc', 'server.js', 'notes.txt']) writeFileSync(join(cwd, file), '');
  return cwd;
}

/** What is expected after these words, of which the last one is being written: the same in every shell. */
const cases: [words: string[], expected: string[]][] = [
  [['sta'], ['start', 'status']],
  [['status', 'sh'], ['shop.ipc']],
  [['start', '--log-f'], ['--log-format']],
  [
    ['start', '--log-format', ''],
    ['plain', 'json'],
  ],
  [['deploy', '--timeout', 'n'], ['none']],
  [
    ['logs', '--stream', 's'],
    ['stdout', 'stderr'],
  ],
  [['help', 'deploy-'], ['deploy-abort']],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
];

describe.skipIf(!has('bash'))('bash', () => {
  let script: string;
  beforeAll(() => {
    script = scriptFor('bash');
  });
  const complete = (words: string[]) => {
    const quoted = ['naught', ...words].map((word) => `'${word}'`).join(' ');
    const asked = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _naught; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc'], { input: asked, cwd: folder(), encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.split('\n').filter(Boolean).sort();
  };

  it.each(cases)('completes %j', (words, expected) => expect(complete(words)).toEqual([...expected].sort()));
  it('completes scripts', () => expect(complete(['start', 's'])).toEqual(['server.js']));
  it('completes a value behind =', () => expect(complete(['start', '--log-format', '=', 'j'])).toEqual(['json']));
  it('knows every command and each of its options', () => {
    const help = JSON.parse(spawnSync(process.execPath, [main, 'help', '--json'], { encoding: 'utf8' }).stdout);
    expect(complete(['']).join(' ')).toBe(
      help.commands
        .map(({ id }: { id: string }) => id)
        .sort()
        .join(' '),
    );
    for (const { id, flags } of help.commands) {
      expect(complete([id, '--'])).toEqual([...Object.keys(flags).map((name) => `--${name}`), '--help'].sort());
    }
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  let script: string;
  beforeAll(() => {
    script = scriptFor('fish');
  });
  it.each(cases)('completes %j', (words, expected) => {
    const cwd = folder();
    writeFileSync(join(cwd, 'completion'), script);
    const asked = `source completion; complete -C 'naught ${words.join(' ')}'`;
    const { stdout } = spawnSync('fish', ['--no-config', '-c', asked], { cwd, encoding: 'utf8' });
    const found = stdout.split('\n').map((line) => line.split('\t')[0]);
    expect(found).toEqual(expect.arrayContaining(expected));
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  it('reads the script, and asks it for the words of naught', () => {
    const cwd = folder();
    writeFileSync(join(cwd, '_naught'), scriptFor('zsh'));
    const asked = `
      autoload -Uz compinit; compinit -D -u
      compadd() { print -r -- "$@"; }; _describe() { print -rl -- "\${commands[@]}"; }; _arguments() { print -rl -- "$@"; }
      source ./_naught
      words=(naught ''); CURRENT=2; _naught
      words=(naught start --log-format ''); CURRENT=4; _naught`;
    const { stdout, stderr } = spawnSync('zsh', ['-f'], { input: asked, cwd, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toContain('status:Display whether a server is running');
    expect(stdout).toContain(
      '*--log-format=[lines as the workers wrote them, or wrapped in JSON]:log-format:(plain json)',
    );
  });
});

it('another shell is refused with those that there are', () => {
  const { stderr, status } = spawnSync(process.execPath, [main, 'completion', 'tcsh'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('the shell must be bash, zsh, fish, not `tcsh`');
});
