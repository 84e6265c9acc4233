import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** In the environment of everything that a test starts: what is left of it is found by that. */
export const mark = 'E2E_FOLDER';

export interface ProcessInfo {
  pid: number;
  parent: number;
  /** What ps shows in its last column. */
  title: string;
}

/** The processes that run, from /proc: a machine that runs the tests may have no ps. Those that ended and wait for their parent to look are not among them. */
export function processes(): ProcessInfo[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, state, parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
      const title = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return state === 'Z' || state === 'X' ? [] : { pid: Number(name), parent: Number(parent), title };
    } catch {
      return [];
    }
  });
}

export function isAlive(pid: number): boolean {
  return processes().some((each) => each.pid === pid);
}

export function childrenOf(pid: number): number[] {
  return processes().flatMap((each) => (each.parent === pid ? [each.pid] : []));
}

/** The processes that have a test's folder in their environment. */
export function marked(folder: string): ProcessInfo[] {
  return processes().filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${mark}=${folder}`);
    } catch {
      return false;
    }
  });
}

/** Kills one process that there is: a pid of 0 would mean the tests themselves. */
export function kill(pid: number | undefined, signal: NodeJS.Signals = 'SIGKILL'): void {
  if (!pid) throw new Error('there is no such process');
  process.kill(pid, signal);
}

/** What the descriptors of a process lead to. */
export function openFiles(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return []; // closed meanwhile
    }
  });
}

/** The TCP ports that a process itself listens on. */
export function listensOn(pid: number): number[] {
  const sockets = new Set(openFiles(pid).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'latin1')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  );
}

/** How many descriptors a process has open. */
export const descriptors = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
