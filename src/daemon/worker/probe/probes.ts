import type { Duplex } from 'node:stream';
import type { WorkerOrder } from '../../worker-link.ts';
import type { Listener, Servers } from '../drain/servers.ts';
import { registry } from '../registry.ts';
import { report } from '../report-pipe.ts';
import { connectTo, portOf } from './apart.ts';
import { type Answer, askHttp1 } from './http1.ts';
import { askHttp2 } from './http2.ts';

type Order = Extract<WorkerOrder, { type: 'probe' }>;

const remedy = 'let a server of node:http, https or http2 listen, or turn the probe off (--health none)';

/** Asks the application's own servers for its health, over a connection within the process: nobody else's turn is taken for it. */
export class Probes {
  constructor(private readonly servers: Servers) {}

  /** Reports what was answered. */
  async ask({ id, path, timeoutMs }: Order): Promise<void> {
    const startedAt = performance.now();
    const found = await this.#askAll(path, timeoutMs).catch((error: Error) => ({ error: error.message }));
    report({ type: 'probed', id, ms: Math.round(performance.now() - startedAt), ...found });
  }

  /**
   * One after the other: one may only redirect to another, or the health is that of a server beside. The first decides that answers
   * well, or with an error of the server; otherwise what the first has answered is told.
   */
  async #askAll(path: string, timeoutMs: number): Promise<Answer> {
    if (registry().draining) throw new Error('it is leaving');
    let first: Answer | undefined;
    for (const listener of this.#candidates()) {
      const answer = await ask(listener, path, timeoutMs);
      if (isWell(answer) || answer.status >= 500) return answer;
      first ??= answer;
    }
    if (!first) throw new Error(`no server of it listens that could be asked: ${remedy}`);
    return first;
  }

  /** Those that speak HTTP. Otherwise those of TCP, which may hand connections on to one that does. */
  #candidates(): Listener[] {
    const listening = [...this.servers.open].filter(({ server }) => server.listening);
    const http = listening.filter(({ server }) => speaksHttp(server));
    return http.length > 0 ? http : listening;
  }
}

function speaksHttp(server: Listener['server']): boolean {
  return (server.closeIdleConnections ?? server.updateSettings) !== undefined;
}

function isWell({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

async function ask({ server }: Listener, path: string, timeoutMs: number): Promise<Answer> {
  const isHttp2 = server.updateSettings !== undefined;
  const socket = connectTo(server, isHttp2 ? { alpnProtocol: 'h2' } : {});
  const host = `127.0.0.1:${portOf(server)}`;
  const origin = `${server.setSecureContext ? 'https' : 'http'}://${host}`;
  const late = endAfter(socket, timeoutMs);
  try {
    return await (isHttp2 ? askHttp2(socket, path, origin) : askHttp1(socket, path, host));
  } catch (error) {
    const why = late.isOver ? `no answer within ${timeoutMs / 1000} s` : (error as Error).message;
    throw new Error(speaksHttp(server) ? why : `its server speaks no HTTP (${why}): ${remedy}`);
  } finally {
    late.end();
  }
}

/** Ends the connection when it has had its time. */
function endAfter(socket: Duplex, ms: number): { readonly isOver: boolean; end(): void } {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    socket.destroy(new Error('late'));
  }, ms).unref();
  return {
    get isOver() {
      return isOver;
    },
    end() {
      clearTimeout(timer);
      socket.destroy();
    },
  };
}
