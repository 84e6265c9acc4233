/**
 * The shapes of Node's internals that this folder touches; none of them is in @types/node. They are the same in Node 20, 22, 24
 * and 26 (read in lib/internal/cluster/{primary,child,round_robin_handle,shared_handle,utils}.js and lib/net.js of each).
 */

export type OnConnection = (status: number, client?: NativeClient) => void;

/** A TCP or Pipe handle that is bound, or listens. */
export interface NativeListener {
  onconnection: OnConnection | null;
  listen(backlog: number): number;
  close(): void;
  getsockname?(out: object): number;
  fchmod?(mode: number): number;
}

/** A TCP or Pipe handle of an accepted connection. */
export interface NativeClient {
  close(): void;
  /** Set while it is in a list of lib/internal/linkedlist.js (RoundRobinHandle's queue), null once it was taken off one. */
  _idleNext?: unknown;
}

/** net.Server, with what RoundRobinHandle reads from it. */
export interface NativeServer {
  _handle: object | null;
}

/** A message of cluster's own over a worker's IPC channel. */
export interface ClusterMessage {
  cmd: 'NODE_CLUSTER';
  act?: string;
  seq?: number;
  ack?: number;
  accepted?: boolean;
  errno?: number | null;
  key?: string;
}

/** What a worker asks the primary for when a server of it listens (lib/internal/cluster/child.js, _getServer). */
export interface Query {
  /** IP address, null for "any", or the absolute path of a Unix socket. */
  address: string | null;
  /** -1: Unix socket. null: a file descriptor. */
  port: number | null;
  addressType: number | string | null;
  fd?: number | null;
  /** How many servers of this worker listened on the same address before. */
  index: number;
  backlog?: number;
  readableAll?: boolean;
  writableAll?: boolean;
  /** The worker's, for the path of a Unix socket. Not of Node's: see `asMeant` in unix.ts. */
  umask?: number | undefined;
}

/** The message if it is one of cluster's own, null if it is the application's. */
export function clusterMessage(message: unknown): ClusterMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  return (message as ClusterMessage).cmd === 'NODE_CLUSTER' ? (message as ClusterMessage) : null;
}
