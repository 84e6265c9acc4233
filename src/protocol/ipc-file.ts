import { lstatSync } from 'node:fs';

/** What the command and the daemon both have to know about the file that they meet at. */

/** Longest path that the kernel takes for a Unix socket, in bytes: Node 20 and 22 silently truncate a longer one. */
export function longestSocketPath(platform: string = process.platform): number {
  return platform === 'linux' ? 107 : 103;
}

/**
 * Whether it can be what a daemon left: a socket or, as 1.x took it too, a plain file that is named like one. Everything else is
 * somebody's, and the option only mistyped. One that is gone by now is in nobody's way.
 */
export function isLeftover(ipcFile: string): boolean {
  const found = lstatSync(ipcFile, { throwIfNoEntry: false });
  return found === undefined || found.isSocket() || (found.isFile() && ipcFile.endsWith('.ipc'));
}
