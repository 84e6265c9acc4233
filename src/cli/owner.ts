import { readFileSync, statSync } from 'node:fs';

/** Why a path that the system refuses is not ours to use, and what to do about it. */
export function refusedReason(path: string): string {
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
