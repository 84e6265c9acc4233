import { readdir, readFile, stat } from 'node:fs/promises';

/** `device:inode` of an open file. */
export const identityOf = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;

/**
 * The processes that have one of these files open, as `sleep (pid 4711)`, but for the daemon's own; of those that this one may look
 * into. Empty where there is no /proc.
 */
export async function holdersOf(files: Set<string>): Promise<string[]> {
  const names: string[] = [];
  for (const pid of await list('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid || Number(pid) === process.ppid) continue;
    if (!(await holds(pid, files))) continue;
    const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
    names.push(`${name.trim()} (pid ${pid})`);
  }
  return names;
}

async function holds(pid: string, files: Set<string>): Promise<boolean> {
  for (const fd of await list(`/proc/${pid}/fd`)) {
    const found = await stat(`/proc/${pid}/fd/${fd}`).catch(() => undefined);
    if (found && files.has(identityOf(found))) return true;
  }
  return false;
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
