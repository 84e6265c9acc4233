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
 * did not wait for is not finished. Measured with tiny answers at full rate, of 44 us of CPU each: the channel of finished answers adds 0.6 us,
 * and that of beginning requests, which only the time needs, 2.4 us.
 */
export class Answers {
  /** 1xx, 2xx, 3xx, 4xx, 5xx. */
  readonly byClass = [0, 0, 0, 0, 0];
  readonly buckets: number[] = latencyBounds.map(() => 0);
  count = 0;
  /** Seconds. */
  sum = 0;

  constructor(servers: Servers) {
    subscribe('http.server.request.start', (message) => this.#started((message as HttpMessage).socket));
    subscribe('http.server.response.finish', (message) => this.#finished(message as HttpMessage));
    servers.on('session', (session) => this.#follow(session));
  }

  #started(socket: Timed): void {
    const before = socket[begun];
    if (before === undefined && isApart(socket)) socket[begun] = Number.NaN;
    else if (!Number.isNaN(before)) socket[begun] = performance.now();
  }

  #finished({ socket, response }: HttpMessage): void {
    const ms = performance.now() - (socket[begun] ?? Number.NaN);
    if (ms >= 0) this.#add(response.statusCode, ms);
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
    let bucket = 0;
    while (bucket < latencyBounds.length && seconds > latencyBounds[bucket]!) bucket += 1;
    if (bucket < latencyBounds.length) this.buckets[bucket]! += 1;
  }
}

/**
 * When the last request of a connection began; NaN: it is not the application's. On the connection and not by request: an entry for each of
 * those costs a few percent of a small request. Of requests that are sent ahead of their answers, the last one counts.
 */
const begun = Symbol('naught.begun');

type Timed = Socket & { [begun]?: number };

interface HttpMessage {
  socket: Timed;
  response: ServerResponse;
}
