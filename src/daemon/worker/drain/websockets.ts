import type { Socket } from 'node:net';
import type { Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';

/** A whole close frame of a server, unmasked: 1001, going away (RFC 6455, 7.4.1). */
const goingAway = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

/** Milliseconds that the client and the application's library have for the closing handshake, and then for the end of the connection. */
const patience = 5_000;

/**
 * Tells every WebSocket to go away, each at a random moment of the next `spreadMs`, so that the clients do not all come back at
 * once; those that are still being opened follow. The frame is written beneath the application's library, between two writes
 * of it: libraries write a frame whole. The client's reply then makes the library end the connection.
 */
export function closeWebSockets(servers: Servers, upgrades: Upgrades, spreadMs: number): void {
  const later = (socket: Socket) => {
    setTimeout(closeWhenAnswered, Math.random() * spreadMs, upgrades, socket).unref();
  };
  for (const listener of servers.open) for (const socket of upgrades.websockets(listener)) later(socket);
  upgrades.on('upgraded', (socket) => {
    if (upgrades.get(socket)?.websocket) later(socket);
  });
}

/** Writes the close frame without waiting for the client's reply. */
export function sayGoingAway(socket: Socket): void {
  if (socket.writable) socket.write(goingAway);
}

function closeWhenAnswered(upgrades: Upgrades, socket: Socket): void {
  if (!socket.writable) return;
  if (!upgrades.get(socket)?.answered) {
    setTimeout(closeWhenAnswered, 100, upgrades, socket).unref();
    return;
  }
  sayGoingAway(socket);
  setTimeout(() => socket.end(), patience).unref();
  setTimeout(() => socket.destroy(), 2 * patience).unref();
}
