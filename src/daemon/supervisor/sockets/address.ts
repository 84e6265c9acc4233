import { relative } from 'node:path';
import type { NativeListener, Query } from './native.ts';

/**
 * What two queries for the same listening socket have in common. Cluster's own key (lib/internal/cluster/primary.js, queryServer)
 * has the index too on Node 20; from Node 22 on only for port 0, where it is what tells two random ports of a worker apart. A
 * replacement counts its servers from 0 again, so that for any other port an index would only keep it from the held socket.
 */
export function keyOf(query: Query): string {
  const index = query.port === 0 ? query.index : '';
  return [query.address ?? '', query.port, query.addressType, query.fd ?? '', index].join('|');
}

/** The path of a Unix socket in the file system; null for anything else, Linux' abstract sockets included. */
export function pathOf(query: Query): string | null {
  return query.port === -1 && query.address && query.address[0] !== '\0' ? query.address : null;
}

/** What bind(2) is given for a path: as queryServer does, the shorter one of absolute and relative (107 bytes at most). */
export function shortest(path: string): string {
  const short = relative(process.cwd(), path);
  return short.length < path.length ? short : path;
}

/** As people write it: `127.0.0.1:8000`, `[::1]:8000`, `/run/app.sock`, `fd 3`. */
export function nameOf(query: Query, handle: NativeListener): string {
  if (query.port === -1) return String(query.address).replace('\0', '@');
  const bound: { address?: string; port?: number } = {};
  handle.getsockname?.(bound);
  if (bound.address === undefined) return `fd ${query.fd}`;
  return bound.address.includes(':') ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`;
}

/** Whether binding `wanted` would end in EADDRINUSE because `held`, another address, is bound. */
export function isInTheWay(held: Query, handle: NativeListener, wanted: Query): boolean {
  if (!wanted.port || wanted.port < 0) return false;
  const bound: { address?: string; port?: number } = {};
  handle.getsockname?.(bound);
  if (bound.port !== wanted.port) return false;
  return isAny(bound.address) || isAny(wanted.address) || held.address === wanted.address;
}

function isAny(address: string | null | undefined): boolean {
  return !address || address === '::' || address === '0.0.0.0';
}
