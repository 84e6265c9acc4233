import { subscribe } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import type { ServerHttp2Session } from 'node:http2';
import { Server, Socket } from 'node:net';
import { isApart } from '../probe/apart.ts';

/** A server of this worker, and who is connected to it. */
export interface Listener {
  readonly server: Server & HttpServerParts;
  /** Connections as TCP has accepted them. */
  readonly accepted: OpenSockets;
  /** Connections that speak the protocol: of a TLS server those whose handshake is done, otherwise the same set. */
  readonly sockets: Set<Socket>;
  readonly sessions: Set<ServerHttp2Session>;
  /** It does not listen: connections of another server, or process, are given to it. */
  isFed: boolean;
}

interface HttpServerParts {
  /** http and https. */
  closeIdleConnections?(): void;
  /** http2. */
  updateSettings?(): void;
  /** tls, https, http2 over TLS. */
  setSecureContext?(): void;
  keepAliveTimeout?: number;
  /** Node 22.19 and 24.6 close idle connections this much later than they have promised. */
  keepAliveTimeoutBuffer?: number;
}

interface ServersEvents {
  /** server.listen() was called, or it was given a connection. */
  found: [Listener];
  listening: [Listener];
  session: [ServerHttp2Session];
  /** The last connection of a server is gone that does not listen any more. */
  closed: [];
}

/**
 * Every server of the worker, found by a diagnostics channel that is published inside listen(), and those that are fed with
 * connections instead. Costs two listeners per connection and nothing per request. http, https, http2, tls and net are told apart by their methods, since importing them takes a worker
 * that does not need them about as long as its boot.
 */
export class Servers extends EventEmitter<ServersEvents> {
  readonly open = new Set<Listener>();
  /** The application has closed a server that naught took out of service. */
  closedByApp = false;
  #known = new WeakMap<object, Listener>();

  constructor() {
    super();
    subscribe('tracing:net.server.listen:asyncStart', (message) => this.#found((message as { server: Server }).server));
    process.on('message', (_message, handle) => {
      if (handle instanceof Socket) this.#follow(handle);
    });
  }

  /** Connections of all servers. */
  get connections(): number {
    return [...this.open].flatMap((listener) => [...listener.accepted].filter((socket) => isHere(listener, socket)))
      .length;
  }

  /**
   * Closes the listen handles and nothing else: http's own close() resets idle keep-alive connections since Node 19 (nodejs/node#60617),
   * and http2's ends the sessions in some versions only.
   */
  stopListening(): void {
    for (const { server } of this.open) if (server.listening) this.#endListening(server);
    this.on('listening', ({ server }) => this.#endListening(server));
  }

  /**
   * Closes the listen handle and nothing else. The application may still close the server itself, and must not be told that it
   * does not run; nor are idle connections reset then: they end when their time has come.
   */
  #endListening(server: Server): void {
    let over = false;
    // Before those who end the process with it, and may run what the application has for that.
    server.prependOnceListener('close', () => {
      over = true;
    });
    Server.prototype.close.call(server);
    replaceClose(server, (close, callback) => {
      if (server.listening) return close.call(server, callback);
      this.closedByApp = true;
      if (callback) over ? process.nextTick(callback) : server.once('close', () => callback());
      return server;
    });
  }

  #found(server: Server): void {
    const listener = this.#known.get(server) ?? this.#watch(server, false);
    listener.isFed = false;
    this.open.add(listener);
    this.emit('found', listener);
    server.once('listening', () => this.emit('listening', listener));
  }

  /** A connection that is not HTTP here may be given to a server that is: that one makes itself known on it. */
  #follow(socket: Socket, owner?: Server): void {
    const look = () => {
      const { server } = socket as { server?: Server & HttpServerParts };
      if (server === owner || !server?.closeIdleConnections) return;
      socket.off('newListener', look);
      const listener = this.#known.get(server) ?? this.#watch(server, true);
      this.#accept(listener, listener.sockets, socket);
    };
    socket.on('newListener', look);
    look();
  }

  #watch(server: Server & HttpServerParts, isFed: boolean): Listener {
    const accepted = new OpenSockets();
    // Those that a TLS server is given are its own already.
    const sockets = server.setSecureContext ? new Set<Socket>() : accepted;
    const listener: Listener = { server, accepted, sockets, sessions: new Set(), isFed };
    this.#known.set(server, listener);
    server.on('connection', (socket: Socket) => this.#accept(listener, accepted, socket));
    if (sockets !== accepted) server.on('secureConnection', (socket) => this.#accept(listener, sockets, socket));
    if (server.updateSettings) {
      server.on('session', (session: ServerHttp2Session) => {
        if (isApart()) return;
        keepWhileOpen(listener.sessions, session);
        this.emit('session', session);
      });
    }
    server.on('close', () => {
      if (!listener.isFed) this.#left(listener);
    });
    if (isFed) this.emit('found', listener);
    return listener;
  }

  #accept(listener: Listener, sockets: Set<Socket>, socket: Socket): void {
    if (sockets.has(socket) || isApart(socket)) return;
    if (listener.isFed) this.open.add(listener);
    keepWhileOpen(sockets, socket, () => {
      if (listener.isFed && sockets.size === 0) this.#left(listener);
    });
    if (!listener.server.closeIdleConnections && !listener.server.updateSettings) this.#follow(socket, listener.server);
  }

  #left(listener: Listener): void {
    this.open.delete(listener);
    this.emit('closed');
  }
}

/** Whether it is open, and this server's: it may have been sent to a child, or given to another server. */
export function isHere({ server }: Listener, socket: Socket): boolean {
  const { server: owner = server } = socket as { server?: Server };
  return !socket.destroyed && !isSentAway(socket) && owner === server;
}

/** Whether HTTP/1 is spoken on this connection. */
export function speaksHttp1(listener: Listener, socket: Socket): boolean {
  const { server } = listener;
  return (server.closeIdleConnections ?? server.updateSettings) !== undefined && !speaksHttp2(listener, socket);
}

/** A server of http2 over TLS may speak HTTP/1 with some clients. */
export function speaksHttp2({ server }: Listener, socket: Socket): boolean {
  const { alpnProtocol } = socket as { alpnProtocol?: string | false };
  return server.updateSettings !== undefined && (alpnProtocol === undefined || alpnProtocol === 'h2');
}

/** To a child process: it has lost its handle to the message (lib/internal/child_process.js, handleConversion). */
function isSentAway(socket: Socket): boolean {
  return !socket.destroyed && (socket as unknown as { _handle: unknown })._handle === null;
}

/** Sockets until their end. One that was sent away never says 'close', and is looked for from time to time. */
class OpenSockets extends Set<Socket> {
  #sweepAt = 64;

  override add(socket: Socket): this {
    if (this.size >= this.#sweepAt) this.#sweepAt = Math.max(64, 2 * this.sweep().size);
    return super.add(socket);
  }

  /** Forgets what was sent away. */
  sweep(): this {
    for (const socket of this) if (isSentAway(socket)) this.delete(socket);
    return this;
  }
}

function keepWhileOpen<T extends Socket | ServerHttp2Session>(set: Set<T>, item: T, onClose?: () => void): void {
  set.add(item);
  (item as Socket).once('close', () => {
    set.delete(item);
    onClose?.();
  });
}

type Close = Server['close'];

/** This server, and no other, gets a `close` for one call. */
function replaceClose(server: Server, once: (close: Close, callback?: (error?: Error) => void) => Server): void {
  const { close } = server;
  server.close = ((callback?: (error?: Error) => void) => {
    server.close = close;
    return once(close, callback);
  }) as Close;
}
