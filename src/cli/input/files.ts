import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Paths that the user gave and that must lead somewhere: one that does not is wrong usage, as any other value is that does not fit. */

/**
 * The absolute path of a script, given relative to the directory of the command. What node would run is accepted: `server` for
 * server.js, a directory for its index.js. Symbolic links are kept: a deploy may change where they lead. Throws when nothing
 * readable is there.
 */
export function scriptPath(script: string): string {
  const path = resolve(script);
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

/** The absolute path of a directory, given relative to the directory of the command. Throws when it is none. */
export function directoryPath(directory: string): string {
  const path = resolve(directory);
  let found: Stats;
  try {
    found = statSync(path);
  } catch (error) {
    throw unusable(`unable to use --cwd \`${directory}\``, codeOf(error));
  }
  if (!found.isDirectory()) throw unusable(`unable to use --cwd \`${directory}\``, 'ENOTDIR');
  return path;
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
