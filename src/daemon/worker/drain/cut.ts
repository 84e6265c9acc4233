import type { Socket } from 'node:net';
import type { CutConnections } from '../../worker-link.ts';
import { report } from '../reporter.ts';
import { idleSockets, inHandshake } from './idle.ts';
import { http1Connections, isEventStream, responseOf } from './responses.ts';
import { type Listener, type Servers, speaksHttp2 } from './servers.ts';
import type { Upgrades } from './upgrades.ts';
import { sayGoingAway } from './websockets.ts';

/**
 * The drain deadline: reports what is cut, and ends what can be ended properly. A download is not: its client would take the
 * part for the whole.
 */
export function cut(servers: Servers, upgrades: Upgrades): void {
  // Idle connections lose nothing. Afterwards, those that are left without a response have sent a part of a request, or nothing yet.
  for (const { server } of servers.open) server.closeIdleConnections?.();
  const listeners = [...servers.open];
  report({ type: 'cut', connections: sum(listeners.map((listener) => count(listener, upgrades))) });
  for (const listener of listeners) endProperly(listener, upgrades);
}

function count(listener: Listener, upgrades: Upgrades): CutConnections {
  // HTTP/2 sessions have been told to go away: one that is still there has open streams.
  const counts = { requests: listener.sessions.size, streams: 0, websockets: 0, other: inHandshake(listener).length };
  for (const socket of listener.sockets) {
    const kind = kindOf(listener, upgrades, socket);
    if (kind) counts[kind] += 1;
  }
  return counts;
}

function kindOf(listener: Listener, upgrades: Upgrades, socket: Socket): keyof CutConnections | undefined {
  if (socket.destroyed || speaksHttp2(listener, socket)) return undefined;
  const upgrade = upgrades.get(socket);
  if (upgrade) return upgrade.websocket ? 'websockets' : 'other';
  const response = responseOf(socket);
  if (!response) return 'other';
  return isEventStream(response) ? 'streams' : 'requests';
}

function endProperly(listener: Listener, upgrades: Upgrades): void {
  for (const { response } of http1Connections(listener)) if (response && isEventStream(response)) response.end();
  for (const socket of upgrades.websockets(listener)) {
    if (upgrades.get(socket)?.answered) sayGoingAway(socket);
    socket.end();
  }
  for (const socket of idleSockets(listener, upgrades)) socket.end();
}

function sum(counts: CutConnections[]): CutConnections {
  const total: CutConnections = { requests: 0, streams: 0, websockets: 0, other: 0 };
  for (const one of counts) for (const key of Object.keys(total) as (keyof CutConnections)[]) total[key] += one[key];
  return total;
}
