import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { closeAfterResponses } from '../drain/responses.ts';
import { registry } from '../registry.ts';
import { onShutdown } from './on-shutdown.ts';
import { offline } from './say.ts';

/** Milliseconds that a replacement may take, and then the requests in flight. */
const patience = 30_000;

const guarded = new Set<HttpServer | HttpsServer>();
const answering = new AsyncLocalStorage<ServerResponse>();
let crashed = false;

/**
 * Makes an uncaught exception or unhandled rejection cost one request instead of all: the error goes to stderr, the request that
 * threw is answered 500 (or its connection is ended, if the response has begun), the others finish, and the process exits 1.
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
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) =>
    answering.enterWith(response),
  );
}

function onError(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
  const serving = [...guarded].filter((server) => server.listening);
  const { draining, leaving } = registry();
  if (serving.length === 0 && !crashed && !draining && !leaving) process.exit(1);
  const response = answering.getStore();
  if (response) fail(response);
  if (crashed) return;
  crashed = true;
  closeAfterResponses();
  leave();
}

function fail(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, { connection: 'close' }).end();
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
