import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { Listener, Servers } from './servers.ts';

export interface Upgrade {
  readonly websocket: boolean;
  /** Whether the application has answered the handshake. */
  readonly answered: boolean;
}

/** `upgrade` and `connect`: what the application does with these sockets is its own affair. */
const events = ['upgrade', 'connect'];

/**
 * The connections that have left HTTP, by `Upgrade` or `CONNECT`. Listens only while the application does, since a server
 * treats such a request as an ordinary one (or closes the connection) as long as nobody listens.
 */
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
    const listen = (event: string) => {
      if (events.includes(event) && !server.listeners(event).includes(this.#add))
        server.prependListener(event, this.#add);
    };
    const leave = (event: string) => {
      if (events.includes(event) && server.listeners(event).every((listener) => listener === this.#add)) {
        server.off(event, this.#add);
      }
    };
    for (const event of events) if (server.listenerCount(event) > 0) listen(event);
    server.on('newListener', (event, listener) => {
      if (listener !== this.#add) listen(event);
    });
    server.on('removeListener', (event, listener) => {
      if (listener !== this.#add) leave(event);
    });
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
