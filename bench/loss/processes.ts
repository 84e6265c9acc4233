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
 * Kills a process by SIGKILL, and gives the clients' ports of the TCP connections (IPv4) that were its own. It is stopped before
 * they are counted: what is handed to it from then on it never has.
 */
export async function killAndTrace(pid: number): Promise<number[]> {
  process.kill(pid, 'SIGSTOP');
  while (running().some((each) => each.pid === pid && each.state !== 'T')) await setTimeout(1);
  const ports = connectionsOf(pid);
  process.kill(pid, 'SIGKILL');
  return ports;
}

function connectionsOf(pid: number): number[] {
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const inodes = new Set(descriptors.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  return readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , , , , , , inode]) => inode !== undefined && inodes.has(inode))
    .map(([, , remote]) => Number.parseInt(remote?.split(':')[1] ?? '', 16));
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
