import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { removeFile } from './prepare.ts';

/** By a file beside it and a rename: who reads the pid-file finds a whole number in it, at any time. Throws when it cannot be made. */
export function writePidFile(pidFile: string, pid = process.pid): void {
  const beside = `${pidFile}.${process.pid}`;
  try {
    writeFileSync(beside, `${pid}\n`);
    renameSync(beside, pidFile);
  } catch (error) {
    removeFile(beside);
    throw error;
  }
}

/** Removes the pid-file, unless it is somebody else's by now. */
export function releasePidFile(pidFile: string): void {
  if (pidIn(pidFile) === process.pid) removeFile(pidFile);
}

/** null where there is none. */
function pidIn(pidFile: string): number | null {
  try {
    return Number(readFileSync(pidFile, 'utf8'));
  } catch {
    return null;
  }
}
