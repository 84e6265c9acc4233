import { maxHeaderSize, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { CallError } from '../../../protocol/errors.ts';
import { problemResponse } from '../../../protocol/problem.ts';

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
  if (code === 'HPE_HEADER_OVERFLOW')
    return new CallError('header-too-large', `the header is larger than ${maxHeaderSize} bytes`);
  return new CallError('invalid-request', `not a request in HTTP/1.1: ${reason ?? message}`);
}
