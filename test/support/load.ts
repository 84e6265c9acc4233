import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { eventually } from './eventually.ts';

const clients = 4;

/** Clients that ask one request after the other until it is disposed of, half of them on kept-alive connections. */
export class Load implements AsyncDisposable {
  /** How many answers of each kind, as `BODY STATUS`. */
  readonly seen: Record<string, number> = {};
  readonly lost: string[] = [];
  #over = false;
  #clients: Promise<void>[] = [];

  static begin(port: number): Load {
    const load = new Load();
    load.#clients = Array.from({ length: clients }, (_, n) => load.#client(port, n % 2 === 0));
    return load;
  }

  /** Waits until so many more have been answered. */
  async answered(more: number): Promise<void> {
    const total = () => Object.values(this.seen).reduce((a, b) => a + b, 0);
    const enough = total() + more;
    await eventually(() => (total() >= enough ? true : undefined), 30_000);
  }

  async #client(port: number, keepAlive: boolean): Promise<void> {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    while (!this.#over) {
      await this.#ask(port, agent);
      await setTimeout(5);
    }
    agent.destroy();
  }

  #ask(port: number, agent: Agent): Promise<void> {
    return new Promise((answered) => {
      const lost = (error: Error) => {
        this.lost.push(error.message);
        answered();
      };
      get({ host: '127.0.0.1', port, agent }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          body += chunk;
        });
        response.on('error', lost).on('end', () => {
          const kind = `${body} ${response.statusCode}`;
          this.seen[kind] = (this.seen[kind] ?? 0) + 1;
          answered();
        });
      }).on('error', lost);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await Promise.all(this.#clients);
  }
}
