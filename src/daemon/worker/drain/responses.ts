import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { makeLast } from './last-response.ts';
import type { Servers } from './servers.ts';

/** Milliseconds without a new request after which an HTTP/2 session is taken for idle. */
const idleSession = 1_000;

/**
 * From now on every HTTP/1 response says `Connection: close`, those included whose head has not been sent yet, and every HTTP/2
 * session GOAWAY. Nothing is subscribed per request before this.
 */
export function announceClose(servers: Servers): void {
  closeAfterResponses();
  for (const listener of servers.open) {
    for (const socket of listener.sockets) closeAfter(socket);
    for (const session of listener.sessions) goAway(session);
  }
  servers.on('session', goAway);
}

/** The response in progress, and those that were pipelined behind it. */
function closeAfter(socket: Socket): void {
  const response = responseOf(socket);
  if (!response) return;
  if (!response.headersSent) makeLast(response);
  response.once('finish', () => closeAfter(socket));
}

/**
 * GOAWAY refuses the requests that are on the way, which the client has to send again elsewhere. So it is sent when a request has
 * just come, since most clients then wait for the response; from setImmediate, so that those which came with it are answered
 * too. To an idle client it goes a little later.
 */
function goAway(session: ServerHttp2Session): void {
  const idle = setTimeout(() => session.close(), idleSession).unref();
  session.once('stream', () => {
    clearTimeout(idle);
    setImmediate(() => session.close());
  });
}

/** `Connection: close` on every response to a request that begins after this. */
export function closeAfterResponses(): void {
  subscribe('http.server.request.start', (message) => {
    makeLast((message as { response: ServerResponse }).response);
  });
}

/**
 * The response in progress on an HTTP/1 connection, uploads included. Node has no public way to ask for it without a listener per
 * request; this property is as old as http, and is only read.
 */
export function responseOf(socket: Socket): ServerResponse | undefined {
  return (socket as { _httpMessage?: ServerResponse })._httpMessage ?? undefined;
}

/** The content type of server-sent events. */
export const eventStream = /^text\/event-stream/i;

/** Server-sent events: a response that never ends by itself, and may be ended at any time, because clients come back for more. */
export function isEventStream(response: ServerResponse): boolean {
  const { _header: head } = response as { _header?: string | null };
  return response.headersSent && /^content-type: *text\/event-stream/im.test(head ?? '');
}
