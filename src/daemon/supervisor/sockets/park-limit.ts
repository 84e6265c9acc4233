import { readFileSync } from 'node:fs';

const most = 16_384;

/**
 * How many connections may wait per address while no worker listens. Each is a file descriptor, and at the process's limit libuv
 * accepts and closes whatever comes (uv__emfile_trick), so that a quarter of it is for waiting. libuv has no way to stop
 * accepting on a socket and go on later, hence a bound at which the oldest is closed: its client has waited longest and is
 * the likeliest to have left. A client that leaves while it waits is noticed only by the worker that gets the connection.
 */
export function parkLimit(): number {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? most : Math.max(64, Math.min(most, Math.floor(Number(soft) / 4)));
  } catch {
    return 1024;
  }
}
