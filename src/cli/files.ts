import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { CallError } from '../protocol/errors.ts';

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
    throw unusable(`unable to read the script \`${script}\``, error, 'ENOENT');
  }
  return path;
}

/** The absolute path of a directory, given relative to the directory of the command. Throws when it is none. */
export function directoryPath(directory: string): string {
  const path = resolve(directory);
  try {
    if (statSync(path).isDirectory()) return path;
  } catch (error) {
    throw unusable(`unable to use --cwd \`${directory}\``, error);
  }
  throw unusable(`unable to use --cwd \`${directory}\``, undefined, 'ENOTDIR');
}

const reasons: Record<string, string> = {
  ENOENT: 'it does not exist',
  MODULE_NOT_FOUND: 'it does not exist',
  ENOTDIR: 'it is not a directory',
  EACCES: 'permission denied',
};

function unusable(what: string, cause: unknown, fallback = 'unknown error'): CallError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? fallback;
  return new CallError('internal', `${what}: ${reasons[code] ?? code}`, { reason: 'unusable-path' }, { cause });
}
