import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHandlers } from '../../../src/daemon/control/api/handlers.ts';
import { buildServer } from '../../../src/daemon/control/api/server.ts';
import { Events } from '../../../src/daemon/control/events.ts';
import type { Logs } from '../../../src/daemon/control/logs/index.ts';
import { Operations } from '../../../src/daemon/control/operations.ts';
import type { Uplink } from '../../../src/daemon/control/uplink.ts';
import type {
  Forwarded,
  OperationEnd,
  Answer as SupervisorAnswer,
  SupervisorCall,
} from '../../../src/daemon/control-link.ts';
import { CallError } from '../../../src/protocol/errors.ts';
import type { Event, Outcome } from '../../../src/protocol/schemas.ts';
import type { Status } from '../../../src/protocol/status-schemas.ts';
import { decodeLines } from '../../../src/protocol/wire.ts';
import { sendAndEnd } from '../../support/http.ts';

export const count = { booting: 0, online: 1, dying: 0, new_online: 0 };
export const outcome: Outcome = { count, waitingFor: null, release: 2, pid: 4242 };
export const status: Status = {
  ...outcome,
  version: '0.0.0',
  node: process.version,
  uptime: 1.5,
  script: '/app/server.js',
  cwd: '/app',
  workerCount: 1,
  workers: [{ slot: 0, pid: 4711, state: 'online', release: 2, uptime: 1, crashes: 0, restarts: 0 }],
};

let seq = 0;
export function event(name: string): Event {
  return {
    event: name,
    count,
    waitingFor: 'new',
    worker: { slot: 0, pid: 4711 },
    time: new Date().toISOString(),
    seq: ++seq,
  };
}

const noLogs: Pick<Logs, 'read' | 'reopen'> = {
  // biome-ignore lint/correctness/useYield: there is nothing to yield.
  async *read() {
    return { lines: 0, skipped: 0 };
  },
  reopen: async () => [],
};

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: () => never;
  lines: () => never[];
}

/** The control API on a real Unix socket, with a supervisor that answers as the test says. */
export class Api {
  readonly calls: SupervisorCall[] = [];
  readonly operations = new Operations();
  readonly events = new Events();
  /** Throws the CallError with which the supervisor refuses. */
  answer: (call: SupervisorCall) => SupervisorAnswer<Forwarded> = () => status;
  readonly #listener = createServer({ allowHalfOpen: true });
  #next = 1;

  private constructor(
    private readonly dir: string,
    private readonly app: ReturnType<typeof buildServer>,
    setUplink: (call: (call: SupervisorCall) => Promise<SupervisorAnswer<Forwarded>>) => void,
  ) {
    setUplink(async (call) => {
      this.calls.push(call);
      return this.answer(call);
    });
  }

  /** `logs`: those that the API reads. */
  static async listen(logs: Pick<Logs, 'read' | 'reopen'> = noLogs): Promise<Api> {
    const dir = mkdtempSync(join(tmpdir(), 'naught-api-'));
    let call: (call: SupervisorCall) => Promise<SupervisorAnswer<Forwarded>> = async () => status;
    const operations = new Operations();
    const events = new Events();
    const uplink = {
      call: (method: Forwarded, params: object) => call({ method, params } as SupervisorCall),
    } as unknown as Uplink;
    const app = buildServer(createHandlers(uplink, operations, events, logs), '0.0.0');
    const api = new Api(dir, app, (made) => {
      call = made;
    });
    Object.assign(api, { operations, events });
    // As in the daemon: another server accepts the connections.
    await app.ready();
    api.#listener.on('connection', (socket) =>
      app.server.emit(
        'connection',
        socket.on('error', () => {}),
      ),
    );
    await once(api.#listener.listen(join(dir, 'ipc')), 'listening');
    return api;
  }

  /** A supervisor that accepts an operation, which the test then drives. */
  begin(kind: 'deploy' | 'stop' | 'boot' = 'deploy', joined = false) {
    const id = this.#next++;
    this.operations.open({ id, kind });
    this.answer = (call) => (call.method === 'status' ? status : { follow: id, joined });
    return {
      emit: (name: string) => this.operations.publish(event(name)),
      end: (end: Partial<OperationEnd> = {}) => this.operations.end(id, { outcome, ...end }),
    };
  }

  refuse(kind: ConstructorParameters<typeof CallError>[0]): void {
    this.answer = () => {
      throw new CallError(kind);
    };
  }

  request(
    method: string,
    path: string,
    options: { body?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { body, headers = {} } = options;
      const sent = request({ socketPath: join(this.dir, 'ipc'), method, path, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            json: () => JSON.parse(text) as never,
            lines: () =>
              text
                .trimEnd()
                .split('\n')
                .map((line) => JSON.parse(line) as never),
          }),
        );
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  /** As curl -d sends it. */
  post(path: string, body: unknown, accept?: string): Promise<Answer> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', ...(accept ? { accept } : {}) };
    return this.request('POST', path, { body: typeof body === 'string' ? body : JSON.stringify(body), headers });
  }

  get(path: string, accept?: string): Promise<Answer> {
    return this.request('GET', path, { headers: accept ? { accept } : {} });
  }

  connect(): Socket {
    return connect({ path: join(this.dir, 'ipc') }).setEncoding('utf8');
  }

  /** Sends these bytes and ends its side, as `nc -N` does. Gives what comes back until the other side ends too. */
  send(bytes: string): Promise<string> {
    return sendAndEnd(join(this.dir, 'ipc'), bytes);
  }

  /** Follows a stream line by line, as it comes. */
  async *follow(method: string, path: string): AsyncGenerator<{ event?: string; result?: unknown }> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = {
        socketPath: join(this.dir, 'ipc'),
        method,
        path,
        headers: { accept: 'application/x-ndjson' },
        agent: false,
      };
      request(options as RequestOptions, resolve)
        .on('error', reject)
        .end();
    });
    yield* decodeLines(response) as AsyncGenerator<{ event?: string; result?: unknown }>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.app.server.closeAllConnections();
    await this.app.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
