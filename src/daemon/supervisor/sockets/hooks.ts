import net from 'node:net';
import { constants } from 'node:os';
import { mostDescriptors } from '../descriptors.ts';
import type { Desk } from './desk.ts';
import { Listener } from './listener.ts';
import type { NativeListener, NativeServer, Query } from './native.ts';
import { SharedSocket } from './shared-socket.ts';
import { allowAll, bindAs, isPathGone, type NetInternals } from './unix.ts';

/** Connections that may wait per address, at most. */
const mostParked = 16_384;

/**
 * Makes cluster open the application's listening sockets through the registry: a held one is lent again, a new one is held.
 * Everything else that listens in this process is left alone.
 */
export function installHooks(desk: Desk): void {
  hookListen(desk, parkLimit());
  hookCreateServerHandle(desk);
}

/** Round robin: RoundRobinHandle opens a net.Server, and takes its `_handle` when it is 'listening'. */
function hookListen(desk: Desk, limit: number): void {
  const listen = net.Server.prototype.listen as (this: net.Server, ...args: unknown[]) => net.Server;
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]): net.Server {
    const query = desk.query;
    if (query === null || desk.own.has(this)) return listen.apply(this, args);
    const held = desk.registry.get(query);
    if (held instanceof Listener) {
      if (held.isLent) refuse(this);
      else lend(this, held, query);
      return this;
    }
    desk.registry.makeWay(query);
    this.once('listening', () => hold(this, query, desk, limit));
    return bindAs(query, (name) => listen.apply(this, name ? named(args, name) : args));
  } as typeof net.Server.prototype.listen;
}

/** RoundRobinHandle calls listen(path, backlog) or listen({path, …}), depending on the version. */
function named([first, ...rest]: unknown[], path: string): unknown[] {
  return [typeof first === 'object' ? { ...first, path } : path, ...rest];
}

function hold(server: net.Server, query: Query, desk: Desk, limit: number): void {
  const internal = server as unknown as NativeServer;
  const listener = new Listener(query, internal._handle as NativeListener, limit);
  desk.registry.add(listener);
  desk.registry.touch(listener);
  internal._handle = listener.lend();
}

function lend(server: net.Server, listener: Listener, query: Query): void {
  allowAll(listener.handle, query);
  (server as unknown as NativeServer)._handle = listener.lend();
  process.nextTick(() => server.emit('listening'));
}

/**
 * The address is lent to another RoundRobinHandle: a worker listens on it twice. The kernel would say the same of an address, but not
 * of an {fd}: two handles of libuv on one descriptor starve and close each other.
 */
function refuse(server: net.Server): void {
  const errno = -constants.errno.EADDRINUSE;
  process.nextTick(() =>
    server.emit('error', Object.assign(new Error('listen EADDRINUSE'), { errno, code: 'EADDRINUSE' })),
  );
}

/** Scheduling `none`: SharedHandle calls `net._createServerHandle`. (net itself does not call it by that name.) */
function hookCreateServerHandle(desk: Desk): void {
  const internals = net as unknown as NetInternals;
  const create = internals._createServerHandle;
  internals._createServerHandle = (address, ...rest) => {
    const query = desk.query;
    if (query === null) return create(address, ...rest);
    const held = desk.registry.get(query);
    if (held instanceof SharedSocket) {
      if (held.isLent) return -constants.errno.EADDRINUSE;
      if (!isPathGone(query)) return held.lend();
      desk.registry.close(held);
    }
    desk.registry.makeWay(query);
    const handle = bindAs(query, (name) => (name ? create(name, ...rest) : create(address, ...rest)));
    if (typeof handle === 'number') return handle;
    const error = bindError(handle);
    if (error) {
      handle.close();
      return error;
    }
    const socket = new SharedSocket(query, handle);
    desk.registry.add(socket);
    return socket.lend();
  };
}

/**
 * libuv tells EADDRINUSE of a TCP bind only when the socket is used (uv__tcp_bind, delayed_error). Cluster would keep such a handle
 * until the worker that got it is gone, and give it to every other one.
 */
function bindError(handle: NativeListener): number {
  return handle.getsockname?.({}) ?? 0;
}

/**
 * How many connections may wait per address while no worker listens. Each is a file descriptor, and at the process's limit libuv
 * accepts and closes whatever comes (uv__emfile_trick), so that a quarter of it is for waiting. libuv has no way to stop
 * accepting on a socket and go on later, hence a bound at which the oldest is closed: its client has waited longest and is
 * the likeliest to have left. A client that leaves while it waits is noticed only by the worker that gets the connection.
 */
function parkLimit(): number {
  const most = mostDescriptors();
  return most === null ? 1024 : Math.max(64, Math.min(mostParked, Math.floor(most / 4)));
}
