import { accessSync, constants, existsSync } from 'node:fs';
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
    const handle = createServerHandle(shortest(query.address ?? ''), -1, -1);
    return typeof handle === 'number' ? null : handle;
  } catch {
    return null;
  }
}

/** readableAll and writableAll of listen(): uv_pipe_chmod adds UV_READABLE (1) and UV_WRITABLE (2) for everyone. */
export function chmod(handle: NativeListener, query: Query): void {
  const mode = (query.readableAll ? 1 : 0) | (query.writableAll ? 2 : 0);
  if (mode !== 0) handle.fchmod?.(mode);
}
