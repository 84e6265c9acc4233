import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process runs; one that has ended and waits for its parent to look does not. */
export function isAlive(pid: number): boolean {
  return running().some((each) => each.pid === pid);
}

export function childrenOf(parent: number): number[] {
  return running().flatMap((each) => (each.parent === parent ? [each.pid] : []));
}

function running(): { pid: number; parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, state = '', parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
      return 'ZX'.includes(state) ? [] : [{ pid: Number(name), parent: Number(parent) }];
    } catch {
      return [];
    }
  });
}
