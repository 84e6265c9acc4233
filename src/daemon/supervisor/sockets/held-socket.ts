import type { NativeListener, Query } from './native.ts';

/** A listening socket that the supervisor keeps while workers come and go. Listener: round robin. SharedSocket: `none`. */
export interface HeldSocket {
  readonly query: Query;
  readonly handle: NativeListener;
  /** Ids of the workers that listen on it. */
  readonly workers: Set<number>;
  /** Cluster has it now: at least one worker listens, or is about to. */
  readonly isLent: boolean;
  /** Closed for good; not to be lent again. */
  readonly isClosed: boolean;
  /** Whether a connection ever came, as far as the supervisor can know. */
  readonly wasUsed: boolean;
  /** Connections accepted here that no worker has acknowledged. */
  readonly waiting: number;
  /** Connections closed because too many waited. */
  readonly dropped: number;
  /** When a worker last began to listen on it, in the registry's own count. */
  lastAsked: number;
  /** A worker is about to listen on it: a Unix socket has its path again if somebody removed the file, and the mode of that worker. */
  adopt(query: Query): void;
  /** Closes the socket. What is already accepted still goes to the workers that listen, if there are any. */
  close(): void;
  /** Resolves when no accepted connection waits any more. */
  emptied(): Promise<void>;
  /** After a worker's death: what it can have left behind is given to another one, or waits. */
  recover(): void;
}
