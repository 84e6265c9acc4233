import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The user's own npm, which comes with Node: naught with one of its own would be several times as large. */

/** Runs npm in a folder. Throws an Error with what it says is wrong. */
export function npm(folder: string, ...args: string[]): void {
  const options = [
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--omit=dev',
    '--legacy-peer-deps',
    '--loglevel=error',
  ];
  const ran = spawnSync(program(), [...args, ...options], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (ran.error !== undefined) {
    const { code } = ran.error as NodeJS.ErrnoException;
    throw new Error(
      code === 'ENOENT' ? 'npm is not there: it comes with Node, and must be on the PATH' : `npm: ${ran.error.message}`,
    );
  }
  if (ran.status !== 0) throw new Error(`npm ${args[0]} failed: ${reasonIn(ran.stderr)}`);
}

/** What npm is told: a path relative to this directory as an absolute one, since npm runs in another. */
export function specOf(given: string): string {
  const isPath = /^[./~]|\.tgz$/.test(given) && existsSync(given);
  return isPath ? resolve(given) : given;
}

function program(): string {
  const beside = join(dirname(process.execPath), 'npm');
  return existsSync(beside) ? beside : 'npm';
}

/** Without the lines that name npm's own log. */
function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  const told = lines.filter(
    (line) => line !== '' && !/^(code|errno|A complete log|Note that you can)|\.log$/.test(line),
  );
  return told.slice(0, 4).join(' ') || 'it does not say why';
}
