import type { Worker } from 'node:cluster';
import type { Server } from 'node:net';
import { nameOf } from './address.ts';
import type { Desk } from './desk.ts';
import type { HeldSocket } from './held-socket.ts';
import { installHooks } from './hooks.ts';
import { Registry } from './registry.ts';
import { watchWorker } from './watch.ts';

/** A listening address of the application that the supervisor holds. */
export interface HeldAddress {
  /** `127.0.0.1:8000`, `[::1]:8000`, `/run/app.sock` or `fd 3`; the actual port where the application asked for port 0. */
  name: string;
  /** How many workers listen on it. */
  workers: number;
  /** Connections accepted and not yet acknowledged by a worker. Always 0 under scheduling `none`: they wait in the kernel. */
  waiting: number;
  /** Connections closed because too many waited while no worker listened. */
  dropped: number;
}

export interface HeldSockets {
  /** Give every worker to this right after cluster.fork. `onListen`: it is about to listen on an address, and to get connections. */
  watch(worker: Worker, onListen?: () => void): void;
  /** Sends the worker no more connections. What it was sent and has not accepted goes to others, as at its end. */
  dismiss(worker: Worker): void;
  /** Marks a server as the supervisor's own: its socket is never taken for the application's. */
  own<T extends Server>(server: T): T;
  list(): HeldAddress[];
  /** A deploy begins: an address which a worker listens on from now on is in use. */
  mark(): void;
  /**
   * A deploy is done: closes every address that no worker listens on, and none began to listen on since `mark()`, and says which.
   * Without a mark: that no worker listens on.
   */
  releaseUnused(): HeldAddress[];
  /** The same after so many milliseconds, unless another deploy begins before. */
  releaseUnusedIn(ms: number): void;
  /**
   * Closes every address at once. What is already accepted still goes to the workers that listen (`list` no longer shows it); the
   * promise resolves when all of it is acknowledged or its last worker has left, and is never rejected.
   */
  closeAll(): Promise<void>;
}

let sockets: HeldSockets | null = null;

/** Holds the listening sockets of cluster's workers from now on; to be called before the first fork, and once is enough. */
export function holdSockets(): HeldSockets {
  sockets ??= create();
  return sockets;
}

function create(): HeldSockets {
  const registry = new Registry();
  const desk: Desk = { registry, query: null, own: new WeakSet() };
  const watched = new WeakMap<Worker, () => void>();
  let release: NodeJS.Timeout | undefined;
  installHooks(desk);
  const releaseUnused = () =>
    registry.takeUnused().map((held) => {
      const address = describe(held);
      registry.close(held);
      return address;
    });
  return {
    watch(worker, onListen = () => {}) {
      if (watched.has(worker)) return;
      watched.set(worker, watchWorker(worker, desk, onListen));
    },
    dismiss: (worker) => watched.get(worker)?.(),
    own(server) {
      desk.own.add(server);
      return server;
    },
    list: () => registry.all().map(describe),
    mark() {
      clearTimeout(release);
      registry.mark();
    },
    releaseUnused,
    releaseUnusedIn(ms) {
      clearTimeout(release);
      release = setTimeout(releaseUnused, ms).unref();
    },
    async closeAll() {
      const all = registry.all();
      for (const held of all) registry.close(held);
      await Promise.all(all.map((held) => held.emptied()));
    },
  };
}

function describe(held: HeldSocket): HeldAddress {
  return {
    name: nameOf(held.query, held.handle),
    workers: held.workers.size,
    waiting: held.waiting,
    dropped: held.dropped,
  };
}
