import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

/** Longer than any process id with its newline. */
const longest = 32;

/**
 * The process id in a pid-file; null when there is none. Somebody else may have put a FIFO in its place, which would keep the reader
 * waiting for a writer: only a file is read, and no more of it than a number takes.
 */
export function pidIn(path: string): number | null {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return fstatSync(fd).isFile() ? numberIn(fd) : null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

function numberIn(fd: number): number | null {
  const bytes = Buffer.alloc(longest);
  const pid = Number(bytes.toString('latin1', 0, readSync(fd, bytes, 0, longest, 0)));
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

/** Whether a daemon of naught has this pid. It may be any process's by now: where the system tells its title, that decides. */
export function isDaemon(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('naught: supervisor');
  } catch {
    return true;
  }
}
