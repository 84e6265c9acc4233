import { subscribe } from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { latencyBounds } from '../../worker-link.ts';
import type { Servers } from '../drain/servers.ts';

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

  constructor(servers: Servers) {
    subscribe('http.server.request.start', (message) => begun(message as HttpMessage));
    subscribe('http.server.response.finish', (message) => this.#finished(message as HttpMessage));
    servers.on('session', (session) => this.#follow(session));
  }

  #finished({ response }: HttpMessage): void {
    const startedAt = startOf(response);
    if (startedAt !== undefined) this.#add(response.statusCode, performance.now() - startedAt);
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
    const kind = Math.trunc(status / 100) - 1;
    if (!(kind in this.byClass)) return;
    this.byClass[kind]! += 1;
    this.count += 1;
    const seconds = ms / 1000;
    this.sum += seconds;
    const bucket = latencyBounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.buckets[bucket]! += 1;
  }
}

interface HttpMessage {
  response: ServerResponse;
}

const startedAt = Symbol('naught2.startedAt');

function begun({ response }: HttpMessage): void {
  (response as { [startedAt]?: number })[startedAt] = performance.now();
}

function startOf(response: ServerResponse): number | undefined {
  return (response as { [startedAt]?: number })[startedAt];
}
