import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/** Whether a process runs; one that has ended and waits for its parent to look does not. */
export function isAlive(pid: number): boolean {
  return running().some((each) => each.pid === pid);
}

export function childrenOf(parent: number): number[] {
  return running().flatMap((each) => (each.parent === parent ? [each.pid] : []));
}

/**
 * Kills processes by SIGKILL, all at once, and gives the clients' ports of the TCP connections (IPv4) that were their own. They are
 * stopped before these are counted: what is handed to them from then on they never have.
 */
export async function killAndTrace(pids: number[]): Promise<number[]> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  while (running().some(({ pid, state }) => pids.includes(pid) && state !== 'T')) await setTimeout(1);
  const ports = connectionsOf(pids);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return ports;
}

/** Of a row of /proc/net/tcp that is not in TIME_WAIT (06): the remote port and the inode. */
const connection = /^ *\d+: \S+ \w+:(\w+) (?!06)(?:\S+ +){6}(\d+)/gm;

function connectionsOf(pids: number[]): number[] {
  const folders = pids.map((pid) => `/proc/${pid}/fd`);
  const targets = folders.flatMap((folder) => readdirSync(folder).map((fd) => readlinkSync(`${folder}/${fd}`)));
  const inodes = new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  return [...readFileSync('/proc/net/tcp', 'latin1').matchAll(connection)]
    .filter(([, , inode]) => inodes.has(inode as string))
    .map(([, port]) => Number.parseInt(port as string, 16));
}

function running(): { pid: number; parent: number; state: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, state = '', parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
      return 'ZX'.includes(state) ? [] : [{ pid: Number(name), parent: Number(parent), state }];
    } catch {
      return [];
    }
  });
}
