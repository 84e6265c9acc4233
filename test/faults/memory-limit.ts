import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';

/** The folder of this process's control group that limits memory, and what its files are called: version 1 or 2. */
function group(): { folder: string; limit: string } | undefined {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const first = lines.find((line) => line.split(':')[1] === 'memory')?.split(':')[2];
  const v1 = first && join('/sys/fs/cgroup/memory', first);
  if (v1 && existsSync(v1)) return { folder: v1, limit: 'memory.limit_in_bytes' };
  const second = lines.find((line) => line.startsWith('0::'))?.slice(3);
  const v2 = second && join('/sys/fs/cgroup', second);
  if (v2 && existsSync(join(v2, 'memory.max'))) return { folder: v2, limit: 'memory.max' };
  return undefined;
}

/** Puts a process into a control group of its own that may take so many bytes. */
export function memoryLimit(pid: number, bytes: number): AsyncDisposable {
  const own = group();
  if (!own) throw new Error('no control group');
  const folder = join(own.folder, `naught-${process.pid}-${pid}`);
  mkdirSync(folder);
  writeFileSync(join(folder, own.limit), String(bytes));
  writeFileSync(join(folder, 'cgroup.procs'), String(pid));
  return {
    // The kernel may be busy with the end of the process for a moment longer than its parent sees it.
    async [Symbol.asyncDispose]() {
      await eventually(() => isRemoved(folder));
    },
  };
}

function isRemoved(folder: string): true | undefined {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    return undefined;
  }
}

/** Why no control group can be made here. */
export function limitsMemory(): string | undefined {
  const own = group();
  if (!own) return 'no control group of memory';
  const folder = join(own.folder, `naught-${process.pid}`);
  try {
    mkdirSync(folder);
    const possible = existsSync(join(folder, own.limit));
    rmdirSync(folder);
    return possible ? undefined : 'the control group does not hand on its limit of memory';
  } catch {
    return 'this user may not make a control group';
  }
}
