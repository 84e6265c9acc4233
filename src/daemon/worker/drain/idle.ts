import type { Socket } from 'node:net';
import type { Connection } from './connections.ts';
import { responseOf } from './responses.ts';
import type { Listener } from './servers.ts';
import type { Upgrades } from './upgrades.ts';

/** What is granted to an idle connection of a server without keepAliveTimeout: Node's own default. */
const defaultKeepAlive = 5_000;

/**
 * How much longer than promised an idle connection is left, so that a request which its client has sent in the last moment
 * still arrives. Node 24 grants the same (keepAliveTimeoutBuffer).
 */
const slack = 1_000;

/**
 * Closes HTTP/1 connections on which nothing is going on and nothing has been received or sent for the linger: idle keep-alive
 * ones, and those that have never sent a whole request. Each has its own clock, because a long response whose head had promised
 * keep-alive may end at any time of the drain. With the default linger, Node's own keepAliveTimeout comes first for nearly all.
 */
export class IdleConnections {
  #marks = new WeakMap<Socket, { bytes: number; quietSince: number; idleSince: number }>();
  #upgrades: Upgrades;
  #lingerMs: number | null;

  constructor(upgrades: Upgrades, lingerMs: number | null) {
    this.#upgrades = upgrades;
    this.#lingerMs = lingerMs;
  }

  /**
   * Closes it if its time has come; to be asked again and again. Returns whether it is still within what was promised to it: one
   * that sends a request bit by bit is not, however long that takes.
   */
  keeps({ listener, socket }: Connection): boolean {
    if (!socket) return true;
    const linger = this.#lingerOf(listener, socket);
    const { quietSince, idleSince } = this.#look(socket);
    const now = performance.now();
    if (now - quietSince >= linger) setImmediate(() => this.#closeIfQuiet(socket, linger));
    return now - idleSince < linger + slack;
  }

  /** What the kernel holds already has been read meanwhile. */
  #closeIfQuiet(socket: Socket, linger: number): void {
    const quiet = performance.now() - this.#look(socket).quietSince >= linger;
    if (quiet && !responseOf(socket) && !this.#upgrades.has(socket)) socket.destroy();
  }

  /** Since when it has been quiet, and idle, counted from the first time it was asked about. */
  #look(socket: Socket): { quietSince: number; idleSince: number } {
    const now = performance.now();
    const bytes = socket.bytesRead + socket.bytesWritten;
    const mark = this.#marks.get(socket) ?? { bytes, quietSince: now, idleSince: now };
    if (mark.bytes !== bytes) mark.quietSince = now;
    mark.bytes = bytes;
    this.#marks.set(socket, mark);
    return mark;
  }

  /** A connection that has not been answered yet was accepted a moment ago: its request is on the way, whatever the linger. */
  #lingerOf({ server, sockets }: Listener, socket: Socket): number {
    const linger = this.#lingerMs ?? promiseOf(server);
    return socket.bytesWritten === 0 || !sockets.has(socket) ? Math.max(linger, slack) : linger;
  }
}

/** Milliseconds that an idle connection is left alone. */
export function promiseOf({ keepAliveTimeout, keepAliveTimeoutBuffer }: Listener['server']): number {
  return (keepAliveTimeout || defaultKeepAlive) + Math.max(slack, keepAliveTimeoutBuffer ?? 0);
}
