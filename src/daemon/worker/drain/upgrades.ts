import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { listenBeside } from './beside.ts';
import type { Listener, Servers } from './servers.ts';

export interface Upgrade {
  readonly websocket: boolean;
  /** Whether the application has answered the handshake. */
  readonly answered: boolean;
}

/** `upgrade` and `connect`: what the application does with these sockets is its own affair. */
const events = ['upgrade', 'connect'];

/** The connections that have left HTTP, by `Upgrade` or `CONNECT`. */
export class Upgrades extends EventEmitter<{ upgraded: [Socket] }> {
  #known = new WeakMap<Socket, Upgrade>();
  #watched = new WeakSet<Server>();

  constructor(servers: Servers) {
    super();
    servers.on('found', ({ server }) => this.#watch(server));
  }

  has(socket: Socket): boolean {
    return this.#known.has(socket);
  }

  get(socket: Socket): Upgrade | undefined {
    return this.#known.get(socket);
  }

  *websockets({ sockets }: Listener): Generator<Socket> {
    for (const socket of sockets) if (this.#known.get(socket)?.websocket) yield socket;
  }

  #watch(server: Server): void {
    if (this.#watched.has(server)) return;
    this.#watched.add(server);
    listenBeside(server, events, this.#add);
  }

  #add = (request: IncomingMessage, socket: Socket): void => {
    const written = socket.bytesWritten;
    const websocket = request.method !== 'CONNECT' && /\bwebsocket\b/i.test(request.headers.upgrade ?? '');
    this.#known.set(socket, {
      websocket,
      get answered() {
        return socket.bytesWritten > written;
      },
    });
    this.emit('upgraded', socket);
  };
}
