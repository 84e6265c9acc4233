import type { Event, Stopped } from '../protocol/schemas.ts';
import { follow, ipcPath, withDaemon } from './daemon.ts';
import { inodeOf, replaced } from './ipc-file.ts';

export interface StopWatcher {
  onEvent: (event: Event) => void;
  /** The stop had begun before. */
  onJoined: () => void;
}

/** Stops a server and waits until its ipc-file is free for the next one. Timeout in seconds. */
export async function stopServer(ipcName: string, timeout: number | null, watcher: StopWatcher): Promise<Stopped> {
  const path = ipcPath(ipcName);
  const inode = inodeOf(path);
  const outcome = await withDaemon(ipcName, (client) =>
    follow(client.call('stop', { timeout }, { stream: true, onJoined: watcher.onJoined }), watcher.onEvent),
  );
  await replaced(path, inode);
  return outcome;
}
