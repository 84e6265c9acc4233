import { linkSync, lstatSync, renameSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { isLeftover } from '../../../protocol/ipc-file.ts';
import { longestSocketPath } from '../../../protocol/limits.ts';
import { removeFile } from './prepare.ts';

export interface Claim {
  server: Server;
  inode: number;
}

/**
 * Makes the ipc-file ours, or says whose it is. The socket is bound at a name of its own with mode 0600 and then linked to the
 * ipc-file: link(2) is atomic, so that of many starters one wins, and the file answers from its first instant.
 *
 * The supervisor accepts the connections and hands them to control, so that no client is refused while control is starting
 * or is started again.
 */
export async function claimIpcFile(
  ipcFile: string,
  options: { removeOld: boolean; own: (server: Server) => void; onClient: (socket: Socket) => void },
): Promise<Claim | 'running' | 'stale'> {
  const bound = join(dirname(ipcFile), `.${process.pid.toString(36)}`);
  if (Buffer.byteLength(bound) > longestSocketPath()) {
    throw new Error(
      `the folder of the ipc-file is too long for a socket: ${dirname(ipcFile)} (limit: ${longestSocketPath()} bytes)`,
    );
  }
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, options.onClient);
  options.own(server);
  removeFile(bound);
  await listenPrivately(server, bound);
  try {
    const inode = lstatSync(bound).ino;
    const obstacle = await link(bound, ipcFile, options.removeOld);
    if (obstacle === null) return { server, inode };
    server.close();
    return obstacle;
  } finally {
    removeFile(bound);
  }
}

/** Removes the ipc-file, unless it is somebody else's by now. */
export function releaseIpcFile(ipcFile: string, inode: number): void {
  if (inodeOf(ipcFile) === inode) removeFile(ipcFile);
}

async function link(bound: string, ipcFile: string, removeOld: boolean): Promise<null | 'running' | 'stale'> {
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      linkSync(bound, ipcFile);
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const inode = inodeOf(ipcFile);
    if (await answers(ipcFile)) return 'running';
    if (!isLeftover(ipcFile)) throw new Error(`the ipc-file is not a socket: ${ipcFile}`);
    if (!removeOld) return 'stale';
    if (inode !== null && !removeStale(ipcFile, inode)) return 'running';
  }
  return 'running';
}

/** Another starter may have replaced the stale file meanwhile: what is taken away is looked at, and put back if it is not it. */
function removeStale(ipcFile: string, inode: number): boolean {
  const aside = `${ipcFile}.stale-${process.pid}`;
  renameSync(ipcFile, aside);
  const removed = inodeOf(aside) === inode;
  if (!removed) linkSync(aside, ipcFile);
  removeFile(aside);
  return removed;
}

function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        server.on('error', () => {});
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
