import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { CutConnections, HeldConnections } from '../../worker-link.ts';
import { report } from '../report-pipe.ts';
import { connections, countConnections, streamsOf, typeOf } from './connections.ts';
import { eventStream, isEventStream, responseOf } from './responses.ts';
import type { Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';
import type { WebSockets } from './websockets.ts';

/** Milliseconds for what is ended at the deadline to reach the clients, and for them to leave. */
const patience = 3_000;

/** How often it is looked whether they have, in milliseconds. */
const interval = 50;

/** Milliseconds in which a client may send its next request on a connection whose stream was ended. */
const reuseMs = 1_000;

/** Milliseconds for a client to see that its session ends, before its streams break. */
const goawayMs = 100;

let reported = false;

/**
 * Reports what is lost with the process: at the drain deadline, or when the application exits by itself. Once: what was ended
 * properly is still there when the process exits.
 */
export function reportCut(servers: Servers, upgrades: Upgrades): void {
  if (reported) return;
  // Idle connections lose nothing. Afterwards, those that are left without a response have sent a part of a request, or nothing yet.
  for (const { server } of servers.open) server.closeIdleConnections?.();
  const lost = cutOf(countConnections(servers, upgrades));
  reported = Object.values(lost).some((count) => count > 0);
  if (reported) report({ type: 'cut', connections: lost });
}

/** What the process would cut if it ended with these. */
export function cutOf({ idle, ...counts }: HeldConnections): CutConnections {
  return { ...counts, other: counts.other + idle };
}

/**
 * Ends what can be ended properly, and not a download: its client would take the part for the whole. Calls `onEnd` when the clients
 * that were told have left, or have had their time.
 */
export function endProperly(servers: Servers, upgrades: Upgrades, webSockets: WebSockets, onEnd: () => void): void {
  const told = new Set<Socket>();
  const look = () => {
    for (const { kind, socket } of [...connections(servers, upgrades)]) {
      if (socket && !told.has(socket) && end(kind, socket, webSockets)) told.add(socket);
    }
    const sessions = [...servers.open].flatMap((listener) => [...listener.sessions]);
    for (const session of sessions) endSession(session);
    if (sessions.length === 0 && [...told].every(({ destroyed }) => destroyed)) finish();
  };
  const finish = () => {
    clearInterval(looking);
    clearTimeout(timeout);
    onEnd();
  };
  const looking = setInterval(look, interval).unref();
  const timeout = setTimeout(finish, patience).unref();
  look();
}

/** Returns whether its client has been told, and will leave. */
function end(kind: keyof HeldConnections, socket: Socket, webSockets: WebSockets): boolean {
  if (kind === 'idle') socket.end();
  if (kind === 'streams') endStream(socket);
  return kind === 'streams' || (kind === 'websockets' && webSockets.sayGoingAway(socket));
}

/**
 * Its head has promised to keep the connection: a client that sends the next request on it at once is answered. Then our side
 * ends, and the client's follows.
 */
function endStream(socket: Socket): void {
  responseOf(socket)?.end();
  setTimeout(() => {
    const next = responseOf(socket);
    if (!next) socket.end();
    else if (isEventStream(next)) next.end();
  }, reuseMs).unref();
}

const ended = new WeakSet<ServerHttp2Session>();

/** GOAWAY comes before its streams break: a client that has read it knows that nothing is wrong with them, and comes back. */
function endSession(session: ServerHttp2Session): void {
  if (ended.has(session)) return;
  ended.add(session);
  session.close();
  for (const stream of streamsOf(session)) if (eventStream.test(typeOf(stream))) stream.end();
  setTimeout(() => session.destroy(), goawayMs).unref();
}
