import { closeSync, existsSync, fstatSync, openSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** In place of a code of the system: the socket belongs to another user. */
export const foreignOwner = 'FOREIGN_OWNER';

/** Linux's O_PATH, which Node has no name for: a descriptor of the file itself, whatever its kind and mode. */
const openPath = 0o10000000;

/**
 * Connects to a daemon's socket, unless it belongs to another user than this process or root (code `FOREIGN_OWNER`): in a folder
 * that others may write to, anybody can wait there for the environment that a deploy sends. A socket's owner is who listens: only
 * root can give it away. What is looked at is what is connected to, even when the path leads elsewhere a moment later; where there
 * is no /proc, a moment is left.
 */
export function connectTrusted(path: string): Socket {
  const pinned = process.platform === 'linux' && existsSync('/proc/self/fd');
  const fd = pinned ? openSync(path, openPath) : undefined;
  const close = () => {
    if (fd !== undefined) closeSync(fd);
  };
  try {
    const { uid } = fd === undefined ? statSync(path) : fstatSync(fd);
    if (uid !== 0 && uid !== process.geteuid?.()) {
      throw Object.assign(new Error(`${path} belongs to the user id ${uid}`), { code: foreignOwner });
    }
    return connect(fd === undefined ? path : `/proc/self/fd/${fd}`).once('close', close);
  } catch (error) {
    close();
    throw error;
  }
}
