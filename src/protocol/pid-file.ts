import { readFileSync } from 'node:fs';

/** The process id in a pid-file; null when there is none. */
export function pidIn(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
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
