import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, mkdirSync, realpathSync, statSync, unlinkSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { isOpenToAll, openLog } from '../../open-log.ts';
import type { StartConfig } from '../../start-config.ts';

/** Makes the folders of all files, and sees that the logs can be written. Throws with the path that is in the way. */
export function prepareFiles({ ipcFile, pidFile, logs }: StartConfig): void {
  for (const file of [ipcFile, pidFile]) {
    if (file === devNull) continue;
    makeFolder(dirname(file));
    accessSync(dirname(file), constants.W_OK);
    refuseOpenFolder(file);
    refuseOpenFolder(file, join(realpathSync(dirname(file)), 'x'));
  }
  for (const log of new Set([logs.daemon, logs.stdout, logs.stderr])) {
    if (log === '/dev/null' || log === '-' || log === '/dev/stdout' || log === '/dev/stderr') continue;
    makeFolder(dirname(log));
    refuseOpenFolder(log);
    if (isFifo(log)) accessSync(log, constants.W_OK);
    else closeSync(openLog(log).fd);
    if (statSync(log).isFile()) refuseOpenFolder(log, realpathSync(log));
  }
}

/**
 * In such a folder everybody could put a file of his own in the place of ours, whom commands and service managers would believe; and in one
 * above it a folder, or a link to a folder of root's. `path`: the one that is followed to the file.
 */
function refuseOpenFolder(file: string, path = file): void {
  for (const folder of foldersAbove(path)) {
    if (!isOpenToAll(statSync(folder))) continue;
    throw new Error(
      `anybody may put files into ${folder === dirname(file) ? `the folder of ${file}` : `${folder}, above ${file}`}, or replace them: \`chmod o-w ${folder}\`, or choose another folder`,
    );
  }
}

function* foldersAbove(path: string): Generator<string, void> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    yield folder;
    if (folder === dirname(folder)) return;
  }
}

/** To open one waits for its reader; to close it again is the end for that reader. */
function isFifo(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/** Not mkdir's own `recursive`: below /proc, where a folder is refused with ENOENT, Node never ends to make the parent first. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, 0o755);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(folder) !== folder) {
      makeFolder(dirname(folder));
      mkdirSync(folder, 0o755);
    } else if (code !== 'EEXIST' || !statSync(folder).isDirectory()) throw error;
  }
}

/** One that is not there is as good as removed. */
export function removeFile(file: string): void {
  try {
    unlinkSync(file);
  } catch {}
}

/** A name in the same folder that nobody can know before. */
export function besideOf(file: string): string {
  return join(dirname(file), `.${randomBytes(5).toString('hex')}`);
}
