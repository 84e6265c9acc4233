import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { removeFile } from './prepare.ts';

/** A pid-file that is ours. */
export interface PidFile {
  path: string;
  /** The other daemon that it named until now, and that still runs: as in 1.x the one that was started last has the file. */
  displaced: number | null;
}

/** Writes our process id there. Throws when that is impossible; nothing is left of the attempt. */
export function claimPidFile(path: string): PidFile {
  // What is not kept: a rename would put a file in the place of the device.
  if (path === devNull) return { path, displaced: null };
  const named = pidIn(path);
  write(path, process.pid);
  return { path, displaced: named !== null && isOtherDaemon(named) ? named : null };
}

/** Returns the file to the daemon that had it, or removes it; one that is somebody else's by now stays. */
export function releasePidFile({ path, displaced }: PidFile): void {
  if (pidIn(path) !== process.pid) return;
  try {
    if (displaced !== null && isOtherDaemon(displaced)) return write(path, displaced);
  } catch {}
  removeFile(path);
}

/** By a file beside it and a rename: who reads the pid-file finds a whole number in it, at any time. */
function write(path: string, pid: number): void {
  const beside = `${path}.${process.pid}`;
  try {
    writeFileSync(beside, `${pid}\n`);
    renameSync(beside, path);
  } catch (error) {
    removeFile(beside);
    throw error;
  }
}

function pidIn(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

/** The number may be that of any process by now: where the system tells its title, that decides. */
function isOtherDaemon(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('naught: supervisor');
  } catch {
    return true;
  }
}
