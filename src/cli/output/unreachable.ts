import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { connectCode, noAnswer, noAnswerInTime } from '../../protocol/client.ts';
import { foreignOwner } from '../../protocol/connector.ts';
import { isDaemon, pidIn } from '../../protocol/pid-file.ts';
import { hangs, ipcFileGone, type NamedDaemon, notRunning, stale, unreachable } from './messages.ts';

/** Says in naught's words why nobody answers at an ipc-file (`path`, given as `ipcName`); any other error is returned as it is. */
export function whyUnreachable(error: unknown, ipcName: string, path: string, pidFile: string | undefined): unknown {
  const code = connectCode(error);
  if (code === undefined) return error;
  const daemon = () => daemonNamed(pidFile ?? pidFileBeside(path));
  switch (code) {
    case 'ENOENT': {
      const living = daemon();
      return living ? ipcFileGone(ipcName, living, error) : notRunning(path, error);
    }
    // A socket that nobody listens on, or a file that is no socket at all (ENOTSOCK on macOS).
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
      return stale(ipcName, error);
    case noAnswer:
      return unreachable(ipcName, 'what listens there went away, or is not naught', error);
    case noAnswerInTime:
      return hangs(ipcName, daemon(), error);
    case 'EACCES':
    case foreignOwner:
      return unreachable(ipcName, refusedReason(path), error);
    default:
      return unreachable(ipcName, code, error);
  }
}

function daemonNamed(pidFile: string | undefined): NamedDaemon | undefined {
  const pid = pidFile === undefined ? null : pidIn(pidFile);
  return pid !== null && isDaemon(pid) ? { pid, pidFile: pidFile! } : undefined;
}

/** By name: shop.pid for shop.ipc. Or naught.pid, unless that may be another server's, whose ipc-file is in the folder too. */
function pidFileBeside(ipcFile: string): string | undefined {
  const own = join(dirname(ipcFile), `${basename(ipcFile, '.ipc')}.pid`);
  if (existsSync(own)) return own;
  const usual = join(dirname(ipcFile), 'naught.pid');
  const isShared = () => readdirSync(dirname(ipcFile)).some((name) => name.endsWith('.ipc'));
  return existsSync(usual) && !isShared() ? usual : undefined;
}

/** Why a path that the system refuses is not ours to use, and what to do about it. */
function refusedReason(path: string): string {
  const uid = ownerOf(path);
  if (uid === undefined) return 'permission denied: a directory on its path belongs to another user';
  if (uid === process.getuid?.()) return 'permission denied, although it is yours: see its mode';
  const name = nameOf(uid);
  return `it belongs to ${name ?? `the user id ${uid}`}: run this as that user, with sudo -u ${name ?? `'#${uid}'`}`;
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

/** undefined where the machine's own list of users does not have it, as in a container. */
function nameOf(uid: number): string | undefined {
  try {
    const users = readFileSync('/etc/passwd', 'utf8').split('\n');
    return users.map((user) => user.split(':')).find(([, , id]) => id === String(uid))?.[0];
  } catch {
    return undefined;
  }
}
