import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How often it is looked whether a client that ended its side is still there for the answer, in milliseconds. */
const probeMs = 1_000;

/**
 * Answers clients that end their own side first, as `nc -N` does. A client that is gone ends it too, and the system tells both in
 * the same way; but a write, be it of nothing, fails only when nobody is there any more.
 */
export function answerHalfOpen(server: Server): void {
  // node:http reads it at each connection; its types and its documentation do not have it.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket) => socket.once('end', () => probe(socket)));
}

function probe(socket: Socket): void {
  const write = () => socket.writable && socket.write('');
  const timer = setInterval(write, probeMs).unref();
  socket.once('close', () => clearInterval(timer));
  write();
}
