import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { latencyBounds } from '../../worker-link.ts';
import type { Servers } from '../drain/servers.ts';
import { isApart } from '../probe/apart.ts';

/**
 * Counts what the worker has answered, and how long that took: from the head of a request to the last byte of its answer that
 * was handed to the system. HTTP/1 by the diagnostics channels of node:http; HTTP/2 by its streams, since Node 20 and 22 have no
 * channel for those. A handshake of WebSockets, which the application writes by itself, is no answer of the server; one that its client
 * did not wait for is not finished. It adds about 1 % to the CPU time of the smallest request.
 */
export class Answers {
  /** 1xx, 2xx, 3xx, 4xx, 5xx. */
  readonly byClass = [0, 0, 0, 0, 0];
  readonly buckets: number[] = latencyBounds.map(() => 0);
  count = 0;
  /** Seconds. */
  sum = 0;

  constructor(servers: Servers) {
    subscribe('http.server.request.start', (message) => {
      (message as HttpMessage).response[begunAt] = performance.now();
    });
    subscribe('http.server.response.finish', (message) => this.#finished(message as HttpMessage));
    servers.on('session', (session) => this.#follow(session));
  }

  #finished({ socket, response }: HttpMessage): void {
    const begun = response[begunAt];
    if (begun !== undefined && !isApart(socket)) this.#add(response.statusCode, performance.now() - begun);
  }

  #follow(session: ServerHttp2Session): void {
    session.on('stream', (stream: ServerHttp2Stream) => {
      const begun = performance.now();
      stream.once('finish', () => this.#add(Number(stream.sentHeaders?.[':status']), performance.now() - begun));
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

/**
 * When the request of a response began. Every response gets it, and at once, so that all of them look alike to V8; and not the connection:
 * where some of those got it early and some late, a tiny request cost 10 % more.
 */
const begunAt = Symbol('naught.begunAt');

type Timed = ServerResponse & { [begunAt]?: number };

interface HttpMessage {
  socket: Socket;
  response: Timed;
}
