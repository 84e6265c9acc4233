import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds that a daemon is given to remove its ipc-file once its last worker is gone. */
const removalDeadline = 5000;
const pollInterval = 10;

/** Waits until a path is no longer that file. Too late is no error: the workers have left, which is what was asked for. */
export async function replaced(path: string, inode: bigint | undefined): Promise<void> {
  const deadline = performance.now() + removalDeadline;
  while (inode !== undefined && inodeOf(path) === inode && performance.now() < deadline) await sleep(pollInterval);
}

export const inodeOf = (path: string): bigint | undefined =>
  statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
