import type { Socket } from 'node:net';
import { http1Connections, responseOf } from './responses.ts';
import type { Listener, Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';

/** How often connections are looked at, in milliseconds. */
const interval = 100;

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
export function closeIdle(servers: Servers, upgrades: Upgrades, lingerMs: number | null): void {
  const quiet = new QuietClock();
  const look = () => {
    for (const listener of servers.open) {
      for (const socket of idleSockets(listener, upgrades)) {
        const linger = lingerOf(listener, socket, lingerMs);
        if (!quiet.since(socket, linger)) continue;
        // What the kernel holds already is read between here and there.
        setImmediate(() => {
          if (quiet.since(socket, linger) && !responseOf(socket) && !upgrades.has(socket)) socket.destroy();
        });
      }
    }
  };
  look();
  setInterval(look, interval).unref();
}

/** HTTP/1 connections without a request in progress, and TLS connections whose handshake is not done. */
export function idleSockets(listener: Listener, upgrades: Upgrades): Socket[] {
  const idle: Socket[] = [];
  for (const { socket, response } of http1Connections(listener)) {
    if (!response && !upgrades.has(socket)) idle.push(socket);
  }
  return [...idle, ...inHandshake(listener)];
}

/** A connection that has not been answered yet was accepted a moment ago: its request is on the way, whatever the linger. */
function lingerOf({ server, sockets }: Listener, socket: Socket, lingerMs: number | null): number {
  const promised = (server.keepAliveTimeout || defaultKeepAlive) + Math.max(slack, server.keepAliveTimeoutBuffer ?? 0);
  const linger = lingerMs ?? promised;
  return socket.bytesWritten === 0 || !sockets.has(socket) ? Math.max(linger, slack) : linger;
}

/** Node does not tell which TCP connection a TLS one runs on, but both have the same peer. */
export function inHandshake({ accepted, sockets }: Listener): Socket[] {
  if (accepted === sockets) return [];
  const peer = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const done = new Set([...sockets].map(peer));
  return [...accepted].filter((socket) => !socket.destroyed && !done.has(peer(socket)));
}

/** Knows for how long a connection has been quiet, counted from the first time it was asked about. */
class QuietClock {
  #marks = new WeakMap<Socket, { bytes: number; at: number }>();

  /** Whether nothing has been received or sent for that many milliseconds. */
  since(socket: Socket, milliseconds: number): boolean {
    const now = performance.now();
    const bytes = socket.bytesRead + socket.bytesWritten;
    let mark = this.#marks.get(socket);
    if (mark?.bytes !== bytes) {
      mark = { bytes, at: now };
      this.#marks.set(socket, mark);
    }
    return now - mark.at >= milliseconds;
  }
}
