import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HeldConnections } from '../../worker-link.ts';
import { isEventStream, responseOf } from './responses.ts';
import { isSentAway, type Listener, type Servers, speaksHttp1, speaksHttp2 } from './servers.ts';
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
    for (const socket of listener.sockets) {
      const kind = kindOf(listener, upgrades, socket);
      if (kind) yield { kind, listener, socket };
    }
    for (const socket of inHandshake(listener)) yield { kind: 'idle', listener, socket };
    for (const session of listener.sessions) {
      for (const kind of kindsOf(session)) yield { kind, listener, socket: null };
    }
  }
}

/** How many there are of each kind. */
export function countConnections(servers: Servers, upgrades: Upgrades): HeldConnections {
  const counts: HeldConnections = { requests: 0, streams: 0, websockets: 0, other: 0, idle: 0 };
  for (const { kind } of connections(servers, upgrades)) counts[kind] += 1;
  return counts;
}

function kindOf(listener: Listener, upgrades: Upgrades, socket: Socket): keyof HeldConnections | undefined {
  if (socket.destroyed || isSentAway(socket) || speaksHttp2(listener, socket)) return undefined;
  const upgrade = upgrades.get(socket);
  if (upgrade) return upgrade.websocket ? 'websockets' : 'other';
  if (!speaksHttp1(listener, socket)) return 'other';
  const response = responseOf(socket);
  if (!response) return 'idle';
  return isEventStream(response) ? 'streams' : 'requests';
}

/** Node does not tell which TCP connection a TLS one runs on, but both have the same peer. */
function inHandshake({ accepted, sockets }: Listener): Socket[] {
  if (accepted === sockets) return [];
  const peer = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const done = new Set([...sockets].map(peer));
  return [...accepted].filter((socket) => !socket.destroyed && !done.has(peer(socket)));
}

/**
 * Node has no public way to ask for the open streams of a session without a listener per stream. This property is as old as its
 * HTTP/2, and is only read.
 */
function kindsOf(session: ServerHttp2Session): (keyof HeldConnections)[] {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'state');
  const state = key && (session as unknown as Record<symbol, { streams?: Map<number, ServerHttp2Stream> }>)[key];
  const streams = [...(state?.streams?.values() ?? [])];
  return streams.length === 0 ? ['idle'] : streams.map((stream) => (isEndless(stream) ? 'streams' : 'requests'));
}

/** gRPC and server-sent events. A gRPC call of one answer sends its head only then. */
function isEndless(stream: ServerHttp2Stream): boolean {
  return /^(application\/grpc|text\/event-stream)/i.test(String(stream.sentHeaders?.['content-type'] ?? ''));
}
