import type { Socket } from 'node:dgram';
import { subscribe } from 'node:diagnostics_channel';

/** The parts of lib/dgram.js that nothing public leads to; the same in Node 20, 22, 24 and 26. */
interface State {
  handle: { recvStop(): void } | null;
}

const sockets = new Set<Socket>();

subscribe('udp.socket', (message) => {
  const { socket } = message as { socket: Socket };
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

/**
 * Leaves what arrives on UDP sockets that this worker shares with others to them, so that what it has received is answered before
 * it goes. A socket of its own, a client's for one, goes on receiving.
 */
export function stopReceiving(): void {
  for (const socket of sockets) {
    const handle = handleOf(socket);
    if (handle && isShared(handle)) handle.recvStop();
  }
}

function handleOf(socket: Socket): State['handle'] | undefined {
  const state = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'state symbol');
  return state && (socket as unknown as Record<symbol, State>)[state]?.handle;
}

/** Cluster replaces the `close` of a handle that it got from the primary (lib/internal/cluster/child.js, shared). */
function isShared(handle: object): boolean {
  return Object.hasOwn(handle, 'close');
}
