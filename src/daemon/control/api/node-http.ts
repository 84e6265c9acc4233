import { maxHeaderSize, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CallError } from '../../../protocol/errors.ts';
import { longestRequestMs } from '../../../protocol/limits.ts';
import { problemResponse } from '../../../protocol/problem.ts';
import { shortened } from '../../../protocol/text.ts';

/** What node:http leaves to whoever wants every client to be answered. */

/** How often it is looked whether a client that ended its side is still there for the answer, in milliseconds. */
const probeMs = 1_000;

/** What node:http tells of a request that it could not read. */
interface ParseError extends Error {
  code?: string;
  reason?: string;
}

/** Answers what is no HTTP with a problem, as every other refusal, and ends the connection. */
export function refuseMalformed(error: ParseError, socket: Socket): void {
  if (socket.writable && !isAnswering(socket)) socket.write(problemResponse(callErrorOf(error)));
  socket.destroySoon();
}

/** Half a second late at most. */
export const slowRequests = {
  headersTimeout: longestRequestMs,
  requestTimeout: longestRequestMs,
  connectionsCheckingInterval: 500,
};

/** How long a connection may wait for its next request, in milliseconds. */
export const idleMs = 5_000;
/** So many may be without a request; then the oldest of them goes. Logs need control's descriptors too. */
const mostIdle = 128;

/** Lets a client push out the one that has said nothing for longest. */
export function limitIdle(server: Server): void {
  const idle = new Set<Socket>();
  const rest = (socket: Socket) => {
    if (socket.destroyed) return;
    idle.add(socket);
    const [oldest] = idle;
    if (idle.size > mostIdle) oldest?.destroy();
  };
  server.on('connection', (socket: Socket) => {
    rest(socket);
    socket.once('close', () => idle.delete(socket));
  });
  server.prependListener('request', ({ socket }, response) => {
    idle.delete(socket);
    response.once('close', () => rest(socket));
  });
}

/** node:http begins to look for requests that come too slowly when its server listens, which one that is handed its clients never does. */
export function endSlowRequests(server: Server): void {
  server.emit('listening');
}

/**
 * Refuses CONNECT, whose connection node:http would end without a word. An upgrade needs nothing: where nobody listens for one, the
 * request is answered as any other (RFC 9110, 7.8).
 */
export function refuseConnect(server: Server): void {
  server.on('connect', ({ url = '' }, socket: Socket) => {
    socket.on('error', () => {});
    socket.end(problemResponse(new CallError('method-not-allowed', `this is no proxy: CONNECT ${shortened(url)}`)));
  });
}

/**
 * node:http leaves out what comes after 2,000 headers, be it Content-Length: a request would be taken for one without a body, and do what
 * that says. Its bytes are limited anyway.
 */
export function readAllHeaders(server: Server): void {
  server.maxHeadersCount = 0;
}

/** Of one connection: a client could send thousands of them in one write, which would all be made and answered in one turn. */
const mostRequests = 100;

/**
 * Ends a connection with the last of so many requests. `maxRequestsPerSocket` would make every other one of the same write too, and
 * refuse each; what the parser is answered here is what it stops at for an upgrade.
 */
export function limitRequests(server: Server): void {
  const counts = new WeakMap<Socket, number>();
  server.prependListener('request', ({ socket }, response) => {
    const count = (counts.get(socket) ?? 0) + 1;
    counts.set(socket, count);
    if (count < mostRequests) return;
    response.shouldKeepAlive = false;
    const { parser } = socket as { parser?: { onIncoming: unknown } | null };
    if (parser) parser.onIncoming = () => 2;
  });
}

/** node:http answers an expectation that it does not know with an empty 417. It may as well be left unmet (RFC 9110, 10.1.1). */
export function ignoreExpectations(server: Server): void {
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

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

/** Whether an answer has begun, in whose midst another one would be taken for a part of it. Node's own handler looks there too. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}

function callErrorOf({ code, reason, message }: ParseError): CallError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new CallError('request-timeout', `the request took longer than ${longestRequestMs / 1000} s`);
  if (code === 'HPE_HEADER_OVERFLOW')
    return new CallError('header-too-large', `the header is larger than ${maxHeaderSize} bytes`);
  return new CallError('invalid-request', `not a request in HTTP/1.1: ${reason ?? message}`);
}
