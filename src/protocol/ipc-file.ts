import { lstatSync } from 'node:fs';
import { longestSocketPath } from './limits.ts';

/** What the command and the daemon both have to know about the file that they meet at. */

/** What is wrong with the length of a socket's path; undefined when it fits. */
export function socketPathProblem(path: string, platform?: string): string | undefined {
  const limit = longestSocketPath(platform);
  const length = Buffer.byteLength(path);
  if (length <= limit) return undefined;
  return `the path of the ipc-file is ${length} bytes long, and a socket's path takes at most ${limit}: choose a shorter one with a shorter directory, such as /run or /tmp\n  ${path}`;
}

/**
 * Whether it can be what a daemon left: a socket or, as 1.x took it too, a plain file that is named like one. Everything else is
 * somebody's, and the option only mistyped. One that is gone by now is in nobody's way.
 */
export function isLeftover(ipcFile: string): boolean {
  const found = lstatSync(ipcFile, { throwIfNoEntry: false });
  return found === undefined || found.isSocket() || (found.isFile() && ipcFile.endsWith('.ipc'));
}
