import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * How many CPUs this process may use: those that the system gives it, and what a container's limit leaves of them, of which Node knows only
 * from 22 on. Part of one is none, as for libuv from 1.51; one there always is. `root`: of the file system.
 */
export function usableCpus(root = '/', cpus = availableParallelism()): number {
  return Math.max(1, Math.min(cpus, Math.floor(quotaIn(root))));
}

/** CPU time per time; Infinity: there is no limit. */
function quotaIn(root: string): number {
  const groups = textOf(join(root, 'proc/self/cgroup')).split('\n');
  return Math.min(...groups.map((line) => quotaOf(root, line)));
}

/** A line such as `0::/user.slice` of cgroup v2, or `4:cpu,cpuacct:/docker/abc` of v1. */
function quotaOf(root: string, line: string): number {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (controllers === undefined || path === undefined) return Number.POSITIVE_INFINITY;
  const mount = join(root, 'sys/fs/cgroup', controllers);
  if (controllers === '') return leastOf(mount, path, (group) => textOf(join(group, 'cpu.max')).split(' '));
  if (!controllers.split(',').includes('cpu')) return Number.POSITIVE_INFINITY;
  const file = (group: string, name: string) => textOf(join(group, `cpu.cfs_${name}_us`));
  return leastOf(mount, path, (group) => [file(group, 'quota'), file(group, 'period')]);
}

/** The limits of the groups above hold too. In a container the path may be the host's, and only the root there is. */
function leastOf(mount: string, path: string, read: (group: string) => string[]): number {
  const [quota, period] = read(join(mount, path)).map(Number);
  // Without one: `max`, or -1.
  const own = quota && period && quota > 0 ? quota / period : Number.POSITIVE_INFINITY;
  return path === '/' ? own : Math.min(own, leastOf(mount, dirname(path), read));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
