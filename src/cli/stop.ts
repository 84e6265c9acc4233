import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event, Outcome } from '../protocol/schema.ts';
import { follow, ipcPath, withDaemon } from './daemon.ts';

export interface StopWatcher {
  onEvent: (event: Event) => void;
  /** The stop had begun before. */
  onJoined: () => void;
}

/** Milliseconds that a daemon is given to remove its ipc-file once its last worker is gone. */
const removalDeadline = 5000;
const pollInterval = 10;

/** Stops a server and waits until its ipc-file is free for the next one. Timeout in seconds. */
export async function stopServer(ipcName: string, timeout: number | null, watcher: StopWatcher): Promise<Outcome> {
  const path = ipcPath(ipcName);
  const inode = inodeOf(path);
  const outcome = await withDaemon(ipcName, (client) =>
    follow(client.call('stop', { timeout }, { stream: true, onJoined: watcher.onJoined }), watcher.onEvent),
  );
  await replaced(path, inode);
  return outcome;
}

/** Waits until a path is no longer that file. Too late is no error: the workers have left, which is what was asked for. */
async function replaced(path: string, inode: bigint | undefined): Promise<void> {
  const deadline = performance.now() + removalDeadline;
  while (inode !== undefined && inodeOf(path) === inode && performance.now() < deadline) await sleep(pollInterval);
}

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
