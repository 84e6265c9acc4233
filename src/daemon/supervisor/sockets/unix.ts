import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { basename, dirname } from 'node:path';
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

/** Bytes of sun_path without its NUL. */
const longestName = process.platform === 'darwin' ? 103 : 107;

/** Where no relative name of a socket leads to a file: the supervisor is at /, and binds every path by a relative name. */
const nowhere = process.platform === 'linux' ? '/proc' : '/dev';

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

/** Binds, synchronously, with the umask of the worker that asks for it. `name`: of the path. */
export function bindAs<T>(query: Query, bind: (name: string) => T): T {
  const own = query.umask === undefined ? undefined : process.umask(query.umask);
  try {
    return byName(query, bind);
  } finally {
    if (own !== undefined) process.umask(own);
  }
}

/** libuv removes the file by the name with which it was bound. */
export function closeHandle(query: Query, handle: NativeListener): void {
  byName(query, () => handle.close());
}

/** For a handle whose path is another's by now. */
export function closeWithoutFile(handle: NativeListener): void {
  within(nowhere, () => handle.close());
}

/**
 * Does something with a path, synchronously, by a name that bind(2) takes: Node 20 and 22 cut a longer one short, the others refuse it.
 * A worker deep in the file system may well listen on `./app.sock`, so that such a path is named from within its folder.
 */
function byName<T>(query: Query, act: (name: string) => T): T {
  const path = pathOf(query);
  if (path === null || Buffer.byteLength(path) <= longestName) return act(path === null ? '' : shortest(path));
  return within(dirname(path), () => act(basename(path)));
}

function within<T>(folder: string, act: () => T): T {
  const own = process.cwd();
  try {
    process.chdir(folder);
  } catch {
    process.chdir(nowhere);
  }
  try {
    return act();
  } finally {
    process.chdir(own);
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
 * Binds the path of a Unix socket again; null if that fails. The former handle must be closed by `closeWithoutFile`: libuv unlinks by
 * name when it closes, and would take the new file.
 */
export function bindPath(query: Query): NativeListener | null {
  try {
    const handle = bindAs(query, (name) => createServerHandle(name, -1, -1));
    return typeof handle === 'number' ? null : handle;
  } catch {
    return null;
  }
}

/** readableAll and writableAll of listen(): uv_pipe_chmod adds UV_READABLE (1) and UV_WRITABLE (2) for everyone. */
export function allowAll(handle: NativeListener, query: Query): void {
  const mode = (query.readableAll ? 1 : 0) | (query.writableAll ? 2 : 0);
  if (mode !== 0) byName(query, () => handle.fchmod?.(mode));
}
