import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, normalize, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/**
 * The absolute path of what is given relative to the directory of the command. Where the shell came there by a symbolic link (`cd
 * current`), the link is kept: it may lead elsewhere by the next deploy. A path that leads up is taken from where the directory really
 * is, as the system does.
 */
export function absolutePath(path: string): string {
  const { PWD } = process.env;
  const byLink = PWD !== undefined && isAbsolute(PWD) && isHere(PWD) && !normalize(path).startsWith('..');
  return byLink ? resolve(PWD, path) : resolve(path);
}

/** Whether a path leads to the directory of the command. */
export function isHere(path: string): boolean {
  const [there, here] = [path, '.'].map((folder) => statSync(folder, { bigint: true, throwIfNoEntry: false }));
  return there !== undefined && there.ino === here?.ino && there.dev === here.dev;
}

// What follows must lead somewhere: a path that does not is wrong usage, as any other value is that does not fit.

/**
 * The absolute path of a script, given relative to the directory of the command. What node would run is accepted: `server` for
 * server.js, a directory for its index.js. Symbolic links are kept: a deploy may change where they lead. Throws when nothing
 * readable is there.
 */
export function scriptPath(script: string): string {
  const path = absolutePath(script);
  try {
    accessSync(createRequire(path).resolve(path), constants.R_OK);
  } catch (error) {
    throw unusable(
      `unable to read the script \`${script}\``,
      codeOf(error) === 'MODULE_NOT_FOUND' ? whyNotFound(path) : codeOf(error),
    );
  }
  return path;
}

/** The absolute path of a folder, given relative to the directory of the command. Throws when it is none. */
export function folderPath(folder: string): string {
  const path = absolutePath(folder);
  let found: Stats;
  try {
    found = statSync(path);
  } catch (error) {
    throw unusable(`unable to use --cwd \`${folder}\``, codeOf(error));
  }
  if (!found.isDirectory()) throw unusable(`unable to use --cwd \`${folder}\``, 'ENOTDIR');
  return path;
}

/** Names of the streams of the process that opens them. */
const ownStream = /^(?:-|\/dev\/std(?:in|out|err)|(?:\/dev|\/proc\/self)\/fd\/\d+)$/;

/** The absolute path of a log, or, in the foreground, a stream of the command: a daemon has none. Throws for one that is no output. */
export function logPath(path: string, option: string, options: Readonly<Record<string, unknown>>): string {
  if (!ownStream.test(path)) return absolutePath(path);
  if (options['daemon-mode'] !== false) {
    throw new UsageError(`${option} ${path} needs --daemon-mode false: a daemon has no terminal`);
  }
  if (path === '-') return path;
  if (/out$|\/1$/.test(path)) return '/dev/stdout';
  if (/err$|\/2$/.test(path)) return '/dev/stderr';
  throw new UsageError(`${option} ${path}: of the command's own streams a log can be /dev/stdout or /dev/stderr`);
}

/** Node says of a script that it is not found, whatever kept it from finding it. */
function whyNotFound(path: string): string {
  try {
    return statSync(path).isDirectory() ? 'NO_INDEX' : 'ENOENT';
  } catch (error) {
    return codeOf(error) === 'EACCES' ? 'EACCES' : 'ENOENT';
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'it does not exist',
  NO_INDEX: 'it is a directory without an index.js, and without a package.json whose main is there',
  ENOTDIR: 'it is not a directory',
  EACCES: 'permission denied',
};

function unusable(what: string, code: string): UsageError {
  return new UsageError(`${what}: ${reasons[code] ?? code}`);
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error';
