import { linkSync, lstatSync, renameSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { isLeftover } from '../../../protocol/ipc-file.ts';
import { longestSocketPath } from '../../../protocol/limits.ts';
import type { Place } from '../../place.ts';
import { besideOf, removeFile } from './prepare.ts';

/** How often the ipc-file is looked for, in milliseconds. */
const lookMs = 500;

interface Claim {
  server: Server;
  inode: number;
}

interface Listening {
  /** The server is the supervisor's own, and not the application's. */
  own: (server: Server) => void;
  onClient: (socket: Socket) => void;
}

/**
 * Makes the ipc-file ours, or says whose it is. The socket is bound at a name of its own with mode 0600 and then linked to the
 * ipc-file: link(2) is atomic, so that of many starters one wins, and the file answers from its first instant.
 *
 * The supervisor accepts the connections and hands them to control, so that no client is refused while control is starting
 * or is started again.
 */
export async function claimIpcFile(
  place: Place,
  options: Listening & { removeOld: boolean },
): Promise<Claim | 'running' | 'stale'> {
  const bound = besideOf(place.now);
  if (Buffer.byteLength(bound) > longestSocketPath()) {
    throw new Error(
      `the folder of the ipc-file is too long for a socket: ${dirname(place.path)} (limit: ${longestSocketPath()} bytes)`,
    );
  }
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, options.onClient);
  options.own(server);
  try {
    await listenPrivately(server, bound);
    const inode = lstatSync(bound).ino;
    const obstacle = await link(bound, place.now, options.removeOld);
    if (obstacle === null) return { server, inode };
    server.close();
    return obstacle;
  } catch (error) {
    server.close();
    throw new Error(place.name(error instanceof Error ? error.message : String(error)));
  } finally {
    removeFile(bound);
  }
}

interface Watching extends Listening {
  /** The file was made again, or something is in the way. */
  onChange: (text: string) => void;
}

export interface IpcFile {
  readonly inode: number;
  /** Ends the watch, and removes the file, unless it is somebody else's by then. */
  release(): void;
}

/**
 * Makes the ipc-file again when somebody removed it, as long as the path is free: a cleaner of folders must not cut a server off from
 * its commands.
 */
export function keepIpcFile(place: Place, first: Claim, watching: Watching): IpcFile {
  let claim = first;
  let said = '';
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look()
      .catch((error) => say(`the ipc-file cannot be made again: ${error.message}`))
      .finally(() => (looking = false));
  }, lookMs);

  async function look(): Promise<void> {
    place.refresh();
    const found = await lstat(place.now).catch(() => null);
    if (found?.ino === claim.inode) said = '';
    else if (found) say(`the ipc-file is somebody else's now, and no command reaches this daemon: ${place.path}`);
    else await makeAgain();
  }

  async function makeAgain(): Promise<void> {
    const made = await claimIpcFile(place, { ...watching, removeOld: false });
    if (typeof made === 'string') return;
    claim.server.close();
    claim = made;
    watching.onChange(`the ipc-file was removed, and is made again: ${place.path}`);
  }

  /** Once, and not every half second. */
  function say(text: string): void {
    if (text !== said) watching.onChange(text);
    said = text;
  }

  return {
    get inode() {
      return claim.inode;
    },
    release() {
      clearInterval(timer);
      if (inodeOf(place.now) === claim.inode) removeFile(place.now);
    },
  };
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
  const aside = besideOf(ipcFile);
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
