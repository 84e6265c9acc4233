import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** In the flags of /proc/self/fdinfo, octal. */
const closeOnExec = 0o2000000;

/** Node marks these by itself when it starts (libuv's uv_disable_stdio_inheritance), among them what is passed on purpose. */
const highestMarked = 15;

/**
 * Closes the descriptors that every process started from here would inherit, such as the lock of a deploy script, which would then
 * be held for as long as the server runs. The lowest ones, and the channel to a parent, stay open in this process. Without /proc
 * nothing is closed.
 */
export function closeInherited(): void {
  try {
    for (const fd of readdirSync('/proc/self/fd').map(Number)) {
      if (fd > highestMarked && fd !== channelFd() && isInherited(fd)) closeSync(fd);
    }
  } catch {}
}

function isInherited(fd: number): boolean {
  try {
    const [, flags] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0;
  } catch {
    return false; // that with which the folder was read
  }
}

const channelFd = (): unknown => (process as { channel?: { fd?: number } }).channel?.fd;
