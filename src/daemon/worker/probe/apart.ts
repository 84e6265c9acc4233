import type { Server } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';

/** Connections of naught's own to the application's servers: neither counted, nor waited for in a drain. */

const apart = Symbol('naught.apart');
let connecting = false;

/** Whether this connection is naught's own. Without a socket: whether one of them is being made at this moment. */
export function isApart(socket?: object): boolean {
  return socket === undefined ? connecting : (socket as { [apart]?: true })[apart] === true;
}

/** Settings of sockets that mean nothing in memory: applications and frameworks call them, and go on with the socket. */
const settings = ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'];

/**
 * Connects to a server within this process, as if it had accepted a connection of this host, over TLS when it is one of TLS: the
 * handshake, which would want a certificate of the client here and there, is left out. Returns the client's end. Throws what a
 * listener of the application throws.
 */
export function connectTo(server: Server, properties: { alpnProtocol?: 'h2' }): Duplex {
  const isSecure = 'setSecureContext' in server;
  const [client, socket] = duplexPair();
  const address = { address: '127.0.0.1', family: 'IPv4', port: portOf(server) };
  const calls = settings.map((name) => [name, () => socket]);
  Object.assign(socket, Object.fromEntries(calls), {
    remoteAddress: address.address,
    remoteFamily: address.family,
    localAddress: address.address,
    localFamily: address.family,
    localPort: address.port,
    address: () => address,
    ...(isSecure && { encrypted: true, authorized: false, getPeerCertificate: () => ({}) }),
    ...properties,
    [apart]: true,
  });
  // As the application's own listeners would find it: without one it would be an uncaught exception.
  socket.on('error', () => {});
  connecting = true;
  try {
    server.emit(isSecure ? 'secureConnection' : 'connection', socket);
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    connecting = false;
  }
  return client;
}

/** 0: it listens on no port. */
export function portOf(server: Server): number {
  const where = server.address();
  return where === null || typeof where === 'string' ? 0 : where.port;
}
