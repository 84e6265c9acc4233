import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { listenBeside } from '../drain/beside.ts';
import { closeAfterResponses } from '../drain/responses.ts';
import { registry } from '../registry.ts';
import { onShutdown } from './on-shutdown.ts';
import { offline } from './say.ts';

/** Milliseconds that a replacement may take, and then the requests in flight. */
const patience = 30_000;

const guarded = new Set<HttpServer | HttpsServer>();
/** Answers the request in hand that it has failed. */
const answering = new AsyncLocalStorage<() => void>();
let crashed = false;

/**
 * Makes an uncaught exception or unhandled rejection cost one request instead of all: the error goes to stderr, the request that
 * threw is answered 500 (or its connection is ended, if the response has begun, or it was upgraded), the others finish, and the process exits 1.
 * Under naught it says 'offline' first, so that a replacement serves before it leaves.
 *
 * While the server does not listen yet the process exits 1 at once. What a program has in its hands when it throws is in an unknown
 * state: the guard is for leaving well, and not for staying.
 *
 * Costs each request an AsyncLocalStorage context. HTTP/1 servers, with or without TLS.
 */
export function guard(server: HttpServer | HttpsServer): void {
  if (guarded.size === 0) process.on('uncaughtException', onError);
  guarded.add(server);
  const enter = (_request: IncomingMessage, response: ServerResponse) => answering.enterWith(() => fail(response));
  server.prependListener('request', enter);
  listenBeside(server, ['checkContinue', 'checkExpectation'], enter);
  listenBeside(server, ['upgrade', 'connect'], (_request: IncomingMessage, socket: Socket) => {
    const { bytesWritten } = socket;
    answering.enterWith(() => failUpgrade(socket, bytesWritten));
  });
}

function onError(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
  const serving = [...guarded].filter((server) => server.listening);
  const { draining, leaving } = registry();
  if (serving.length === 0 && !crashed && !draining && !leaving) process.exit(1);
  answering.getStore()?.();
  if (crashed) return;
  crashed = true;
  closeAfterResponses();
  leave();
}

function fail(response: ServerResponse): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { connection: 'close' }).end();
}

function failUpgrade(socket: Socket, writtenBefore: number): void {
  if (socket.bytesWritten > writtenBefore) socket.destroy();
  else socket.end('HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n');
}

function leave(): void {
  const known = registry();
  if (known.preload) {
    // The daemon starts the replacement and then asks to leave; if it never does, leave all the same.
    if (!known.leaving && !offline()) known.leave?.();
    setTimeout(() => known.leave?.(), patience).unref();
    return;
  }
  if (!offline()) {
    void close();
    return;
  }
  onShutdown(close);
  setTimeout(close, patience).unref();
}

/** Never settles: the process exits. A signal that arrives meanwhile waits for that, and does not cut the others' requests. */
function close(): Promise<never> {
  let open = guarded.size;
  const closed = () => {
    open -= 1;
    if (open === 0) process.exit(1);
  };
  // From setImmediate: requests that have been received already are answered.
  setImmediate(() => {
    for (const server of guarded) server.close(closed);
  });
  setTimeout(() => process.exit(1), patience).unref();
  return new Promise(() => {});
}
