import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What became of a request, seen from a raw socket. */
export type Outcome = 'ok' | 'refused' | 'reset' | 'empty' | 'torn' | 'hung';

export type Tally = Record<Outcome, number> & { bodies: Map<string, number> };

const hungMs = 15_000;

interface LoadOptions {
  port: number;
  clients: number;
  path?: string;
  keepAlive?: boolean;
  /** Milliseconds between an answer and the next request of a client. */
  pauseMs?: number;
}

/** Clients on raw sockets, each with one request at a time, until `stop`; no HTTP library that retries or hides anything. */
export class Load {
  readonly tally: Tally = { ok: 0, refused: 0, reset: 0, empty: 0, torn: 0, hung: 0, bodies: new Map() };
  readonly #clients: Promise<void>[];
  #stopped = false;

  constructor(private readonly options: LoadOptions) {
    this.#clients = Array.from({ length: options.clients }, () => this.#client());
  }

  async stop(): Promise<Tally> {
    this.#stopped = true;
    await Promise.all(this.#clients);
    return this.tally;
  }

  get lost(): number {
    const { refused, reset, empty, torn, hung } = this.tally;
    return refused + reset + empty + torn + hung;
  }

  async #client(): Promise<void> {
    const { port, path = '/', keepAlive = false, pauseMs = 0 } = this.options;
    let socket: Socket | null = null;
    while (!this.#stopped) {
      // Ended by the server in the pause: a client notices, and takes another one.
      if (socket?.destroyed || socket?.readableEnded) socket = null;
      socket ??= connect(port, '127.0.0.1').on('error', () => {});
      const { outcome, body, close } = await request(socket, path, keepAlive);
      this.tally[outcome] += 1;
      if (outcome === 'ok') this.tally.bodies.set(body, (this.tally.bodies.get(body) ?? 0) + 1);
      if (outcome !== 'ok' || !keepAlive || close) {
        socket.destroy();
        socket = null;
      }
      if (pauseMs > 0) await wait(pauseMs);
    }
    socket?.destroy();
  }
}

function request(
  socket: Socket,
  path: string,
  keepAlive: boolean,
): Promise<{ outcome: Outcome; body: string; close: boolean }> {
  return new Promise((resolve) => {
    let answer = '';
    const done = (outcome: Outcome, body = '', close = true) => {
      clearTimeout(timer);
      socket
        .removeAllListeners('data')
        .removeAllListeners('end')
        .removeAllListeners('error')
        .on('error', () => {});
      resolve({ outcome, body, close });
    };
    const timer = setTimeout(() => done('hung'), hungMs);
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED' ? 'refused' : 'reset'));
    socket.on('end', () => done(answer === '' ? 'empty' : 'torn'));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      const head = answer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? Number.NaN);
      const body = answer.slice(head + 4);
      if (body.length < length || Number.isNaN(length)) return;
      const ok = /^HTTP\/1\.1 200/.test(answer) && body.length === length;
      done(ok ? 'ok' : 'torn', body, /\r\nconnection: close/i.test(answer));
    });
    socket.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: ${keepAlive ? 'keep-alive' : 'close'}\r\n\r\n`);
  });
}
