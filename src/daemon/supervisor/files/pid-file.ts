import { closeSync, fchmodSync, openSync, renameSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { isDaemon, pidIn } from '../../../protocol/pid-file.ts';
import type { Place } from '../../place.ts';
import { besideOf, removeFile } from './prepare.ts';

/** Whatever the umask is: anybody may know which process it is. */
const mode = 0o644;

/** A pid-file that is ours. */
export interface PidFile {
  place: Place;
  /** The other daemon that it named until now, and that still runs: as in 1.x the one that was started last has the file. */
  displaced: number | null;
}

/** Writes our process id there. Throws when that is impossible; nothing is left of the attempt. */
export function claimPidFile(place: Place): PidFile {
  // What is not kept: a rename would put a file in the place of the device.
  if (place.path === devNull) return { place, displaced: null };
  const named = pidIn(place.now);
  try {
    write(place.now, process.pid);
  } catch (error) {
    throw new Error(place.name((error as Error).message));
  }
  return { place, displaced: named !== null && isOtherDaemon(named) ? named : null };
}

/** Returns the file to the daemon that had it, or removes it; one that is somebody else's by now stays. */
export function releasePidFile({ place, displaced }: PidFile): void {
  const path = place.now;
  if (pidIn(path) !== process.pid) return;
  try {
    if (displaced !== null && isOtherDaemon(displaced)) return write(path, displaced);
  } catch {}
  removeFile(path);
}

/**
 * By a file beside it and a rename: who reads the pid-file finds a whole number in it, at any time. Nobody can know the name before,
 * and what is at the path is replaced and not followed.
 */
function write(path: string, pid: number): void {
  const beside = besideOf(path);
  try {
    const fd = openSync(beside, 'wx');
    try {
      fchmodSync(fd, mode);
      writeSync(fd, `${pid}\n`);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, path);
  } catch (error) {
    removeFile(beside);
    throw error;
  }
}

const isOtherDaemon = (pid: number): boolean => pid !== process.pid && isDaemon(pid);
