import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, mkdirSync, openSync, statSync, unlinkSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import type { StartConfig } from '../../start-config.ts';

const writableByAll = 0o002;
const sticky = 0o1000;

/** Makes the folders of all files, and sees that the logs can be written. Throws with the path that is in the way. */
export function prepareFiles({ ipcFile, pidFile, logs }: StartConfig): void {
  for (const file of [ipcFile, pidFile]) {
    if (file === devNull) continue;
    makeFolder(dirname(file));
    accessSync(dirname(file), constants.W_OK);
    refuseOpenFolder(dirname(file));
  }
  for (const log of new Set([logs.daemon, logs.stdout, logs.stderr])) {
    if (log === '/dev/null' || log === '-' || log === '/dev/stdout' || log === '/dev/stderr') continue;
    makeFolder(dirname(log));
    if (isFifo(log)) accessSync(log, constants.W_OK);
    else closeSync(openSync(log, 'a'));
  }
}

/** In such a folder everybody could put a file of his own in the place of ours, whom commands and service managers would believe. */
function refuseOpenFolder(folder: string): void {
  const { mode } = statSync(folder);
  if ((mode & writableByAll) === 0 || (mode & sticky) !== 0) return;
  throw new Error(
    `everybody may replace files in ${folder}: chmod o-w or +t it, or use another folder for --ipc-file and --pid-file`,
  );
}

/** To open one waits for its reader; to close it again is the end for that reader. */
function isFifo(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFIFO() ?? false;
}

/** Not mkdir's own `recursive`: below /proc, where a folder is refused with ENOENT, Node never ends to make the parent first. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(folder) !== folder) {
      makeFolder(dirname(folder));
      mkdirSync(folder);
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
