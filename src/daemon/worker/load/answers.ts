import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { latencyBounds } from '../../worker-link.ts';
import type { Servers } from '../drain/servers.ts';
import { isApart } from '../probe/apart.ts';

/**
 * Counts what the worker has answered, and how long that took: from the head of a request to the last byte of its answer that was
 * handed to the system. HTTP/1 by the diagnostics channels of node:http; HTTP/2 by its streams, since Node 20 and 22 have no
 * channel for those. A handshake of WebSockets, which the application writes by itself, is no answer of the server; one that its client
 * did not wait for is not finished.
 */
export class Answers {
  /** 1xx, 2xx, 3xx, 4xx, 5xx. */
  readonly byClass = [0, 0, 0, 0, 0];
  readonly buckets: number[] = latencyBounds.map(() => 0);
  count = 0;
  /** Seconds. */
  sum = 0;
  /** By connection and not by request: an entry for each of those costs a few percent of a small request. Of requests that are sent ahead of their answers, the last one counts. */
  #begun = new WeakMap<Socket, { at: number }>();

  constructor(servers: Servers) {
    subscribe('http.server.request.start', (message) => this.#started((message as HttpMessage).socket));
    subscribe('http.server.response.finish', (message) => this.#finished(message as HttpMessage));
    servers.on('session', (session) => this.#follow(session));
  }

  #started(socket: Socket): void {
    const begun = this.#begun.get(socket);
    if (begun) begun.at = performance.now();
    else if (!isApart(socket)) this.#begun.set(socket, { at: performance.now() });
  }

  #finished({ socket, response }: HttpMessage): void {
    const begun = this.#begun.get(socket);
    if (begun) this.#add(response.statusCode, performance.now() - begun.at);
  }

  #follow(session: ServerHttp2Session): void {
    session.on('stream', (stream: ServerHttp2Stream) => {
      const startedAt = performance.now();
      stream.once('finish', () => {
        this.#add(Number(stream.sentHeaders?.[':status'] ?? 0), performance.now() - startedAt);
      });
    });
  }

  #add(status: number, ms: number): void {
    if (!(status >= 100 && status < 600)) return;
    this.byClass[Math.trunc(status / 100) - 1]! += 1;
    this.count += 1;
    const seconds = ms / 1000;
    this.sum += seconds;
    const bucket = latencyBounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.buckets[bucket]! += 1;
  }
}

interface HttpMessage {
  socket: Socket;
  response: ServerResponse;
}
