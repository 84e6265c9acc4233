import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { dirname } from 'node:path';
import { pathOf, shortest } from './address.ts';
import type { NativeListener, Query } from './native.ts';

type CreateServerHandle = (
  address: string | null,
  port: number | null,
  addressType: number | string | null,
  fd?: number | null,
  flags?: number,
) => NativeListener | number;

/** What cluster's SharedHandle calls as `net._createServerHandle`: the handle, bound but not listening, or a negative errno. */
export interface NetInternals {
  _createServerHandle: CreateServerHandle;
}

const createServerHandle = (net as unknown as NetInternals)._createServerHandle;

/**
 * Makes the query what the worker meant. Node 20 resolves the name of an abstract socket against the worker's directory
 * (lib/internal/cluster/child.js); a path holds no NUL. And a path gets its mode from the umask of whoever binds it.
 */
export function asMeant(query: Query, pid: number | undefined): void {
  if (query.port !== -1 || !query.address) return;
  const abstract = query.address.indexOf('\0');
  if (abstract >= 0) query.address = query.address.slice(abstract);
  else query.umask = umaskOf(pid);
}

/** Of another process; undefined where the system does not tell: then the supervisor's own holds. */
function umaskOf(pid: number | undefined): number | undefined {
  try {
    const umask = /^Umask:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return umask === undefined ? undefined : Number.parseInt(umask, 8);
  } catch {
    return undefined;
  }
}

/** Binds, synchronously, with the umask of the worker that asks for it. */
export function withUmask<T>({ umask }: Query, bind: () => T): T {
  if (umask === undefined) return bind();
  const own = process.umask(umask);
  try {
    return bind();
  } finally {
    process.umask(own);
  }
}

/** The mode that bind(2) and listen() give to a path; null where the worker's umask is not known. */
export function modeOf({ umask, readableAll, writableAll }: Query): number | null {
  if (umask === undefined) return null;
  return (0o777 & ~umask) | (readableAll ? 0o444 : 0) | (writableAll ? 0o222 : 0);
}

/**
 * Whether somebody removed the file of this Unix socket: many applications unlink their path before they listen. Where cluster
 * opens the socket anew that is harmless; a held one would be out of reach for ever.
 */
export function isPathGone(query: Query): boolean {
  const path = pathOf(query);
  if (path === null || existsSync(path)) return false;
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Binds the path of a Unix socket again; null if that fails. The former handle must be closed before: libuv unlinks by name when
 * it closes, and would take the new file.
 */
export function bindPath(query: Query): NativeListener | null {
  try {
    const handle = withUmask(query, () => createServerHandle(shortest(query.address ?? ''), -1, -1));
    return typeof handle === 'number' ? null : handle;
  } catch {
    return null;
  }
}

/** readableAll and writableAll of listen(): uv_pipe_chmod adds UV_READABLE (1) and UV_WRITABLE (2) for everyone. */
export function allowAll(handle: NativeListener, query: Query): void {
  const mode = (query.readableAll ? 1 : 0) | (query.writableAll ? 2 : 0);
  if (mode !== 0) handle.fchmod?.(mode);
}
