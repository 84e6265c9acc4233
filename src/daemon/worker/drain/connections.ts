import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HeldConnections } from '../../worker-link.ts';
import { eventStream, isEventStream, responseOf } from './responses.ts';
import { isHere, type Listener, type Servers, speaksHttp1, speaksHttp2 } from './servers.ts';
import type { Upgrades } from './upgrades.ts';

export interface Connection {
  readonly kind: keyof HeldConnections;
  readonly listener: Listener;
  /** null: a stream of HTTP/2, or a session without one. */
  readonly socket: Socket | null;
}

/** Everything that is open, and what goes on on it; of HTTP/2 each stream by itself. */
export function* connections(servers: Servers, upgrades: Upgrades): Generator<Connection> {
  for (const listener of servers.open) {
    yield* ofSockets(listener, upgrades);
    yield* ofSessions(listener);
  }
}

function* ofSockets(listener: Listener, upgrades: Upgrades): Generator<Connection> {
  for (const socket of listener.sockets) {
    const kind = kindOf(listener, upgrades, socket);
    if (kind) yield { kind, listener, socket };
  }
  for (const socket of inHandshake(listener)) yield { kind: 'idle', listener, socket };
}

function* ofSessions(listener: Listener): Generator<Connection> {
  for (const session of listener.sessions) {
    const streams = streamsOf(session);
    if (streams.length === 0) yield { kind: 'idle', listener, socket: null };
    for (const stream of streams) yield { kind: isEndless(stream) ? 'streams' : 'requests', listener, socket: null };
  }
}

/** How many there are of each kind. */
export function countConnections(servers: Servers, upgrades: Upgrades): HeldConnections {
  const counts: HeldConnections = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };
  for (const { kind } of connections(servers, upgrades)) counts[kind] += 1;
  return counts;
}

function kindOf(listener: Listener, upgrades: Upgrades, socket: Socket): keyof HeldConnections | undefined {
  if (!isHere(listener, socket) || speaksHttp2(listener, socket)) return undefined;
  const upgrade = upgrades.get(socket);
  if (upgrade) return upgrade.websocket ? 'websockets' : 'other';
  if (!speaksHttp1(listener, socket)) return 'other';
  const response = responseOf(socket);
  if (!response) return 'idle';
  return isEventStream(response) ? 'streams' : 'requests';
}

/** Node does not tell which TCP connection a TLS one runs on, but both have the same peer. */
function inHandshake(listener: Listener): Socket[] {
  const { accepted, sockets } = listener;
  if (accepted === sockets) return [];
  const peer = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const done = new Set([...sockets].map(peer));
  return [...accepted].filter((socket) => isHere(listener, socket) && !done.has(peer(socket)));
}

/**
 * Node has no public way to ask for the open streams of a session without a listener per stream. This property is as old as its
 * HTTP/2, and is only read.
 */
export function streamsOf(session: ServerHttp2Session): ServerHttp2Stream[] {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'state');
  const state = key && (session as unknown as Record<symbol, { streams?: Map<number, ServerHttp2Stream> }>)[key];
  return [...(state?.streams?.values() ?? [])];
}

/** Server-sent events, and gRPC, where a call of one answer sends its head only then. */
function isEndless(stream: ServerHttp2Stream): boolean {
  const type = typeOf(stream);
  return eventStream.test(type) || /^application\/grpc/i.test(type);
}

/** The content type of its response, once that has begun. */
export function typeOf(stream: ServerHttp2Stream): string {
  return String(stream.sentHeaders?.['content-type'] ?? '');
}
