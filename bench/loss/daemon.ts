import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import type { Event } from '../../src/protocol/schemas.ts';
import type { Status } from '../../src/protocol/status-schemas.ts';
import { freePort } from '../port.ts';
import type { Target } from './client/wire.ts';
import type { Server } from './server.ts';

const program = resolve('dist/cli/main.js');

/** A command that takes longer than this hangs. */
const commandMs = 90_000;

interface Options {
  dir: string;
  node: string;
  server: Server;
  workers: number;
}

interface Command {
  said(text: string): boolean;
  /** Waits for its end; throws unless it is this code. */
  ended(code: number): Promise<void>;
}

/** The built program with a server under it. */
export class Daemon {
  static readonly #running = new Set<Daemon>();

  /** Ends all of them, when the bench is given up. */
  static async endAll(): Promise<void> {
    await Promise.all([...Daemon.#running].map((daemon) => daemon.#end('0.1')));
  }

  static async start(options: Options): Promise<Daemon> {
    const daemon = new Daemon(options, await freePort());
    Daemon.#running.add(daemon);
    try {
      await daemon.start();
    } catch (error) {
      await daemon.#end('0.1').catch(() => {});
      throw error;
    }
    return daemon;
  }

  private constructor(
    private readonly options: Options,
    private readonly port: number,
  ) {}

  get target(): Target {
    return { port: this.port, ...(this.options.server.tls && { tls: true }) };
  }

  get pid(): number {
    return Number(readFileSync(join(this.options.dir, 'naught.pid'), 'utf8'));
  }

  async start(): Promise<void> {
    const { server, workers } = this.options;
    const options = ['--online-on', 'listening', '--worker-count', String(workers), ...(server.options ?? [])];
    await this.run(['start', ...options, server.script]);
  }

  /** Runs a command; throws unless it ends with this code. */
  async run(args: string[], expected = 0): Promise<void> {
    await this.spawn(args).ended(expected);
  }

  /** Starts a command. */
  spawn(args: string[]): Command {
    const { dir, node, server } = this.options;
    const child = spawn(node, [program, ...args], {
      cwd: dir,
      env: { ...process.env, PORT: String(this.port), LOSS_SERVER: server.script, ...server.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: commandMs,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const closed = new Promise<number | null>((done) => child.once('close', done));
    const ended = async (expected: number) => {
      const code = await closed;
      if (code !== expected) throw new Error(`naught ${args.join(' ')} ended with ${code}: ${output}`);
    };
    return { said: (text) => output.includes(text), ended };
  }

  async status(): Promise<Status> {
    return JSON.parse(await this.#call('GET', '/status', 5_000));
  }

  /** Deploys by the API, and gives the events. */
  async deploy(): Promise<Event[]> {
    const lines = (await this.#call('POST', '/deploy', commandMs)).trim().split('\n');
    return lines.map((line) => JSON.parse(line)).filter((line) => 'event' in line);
  }

  #call(method: string, path: string, timeout: number): Promise<string> {
    return new Promise((done, failed) => {
      const socketPath = join(this.options.dir, 'naught.ipc');
      const ask = request({ socketPath, method, path, agent: false, timeout });
      ask.on('timeout', () => ask.destroy(new Error(`${path} hangs`)));
      ask.on('error', failed);
      ask.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('error', failed).on('end', () => done(body));
      });
      ask.end();
    });
  }

  /** Waits until so many workers are online, none of these processes among them, and nothing else is going on. */
  async settled(workers: number, without: number[] = []): Promise<Status> {
    return eventually(`${workers} workers online`, async () => {
      const status = await this.status().catch(() => null);
      const pids = status?.workers.flatMap(({ pid }) => pid ?? []) ?? [];
      const done =
        status?.waitingFor === null &&
        status.count.online === workers &&
        status.workers.length === workers &&
        !without.some((pid) => pids.includes(pid));
      return done ? status : null;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('5');
  }

  async #end(timeout: string): Promise<void> {
    Daemon.#running.delete(this);
    await this.run(['stop', '--timeout', timeout]);
  }
}

/** Asks again and again, for what no event tells. */
export async function eventually<T>(what: string, ask: () => Promise<T | null> | T | null): Promise<T> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (Date.now() > deadline) throw new Error(`not within 60 s: ${what}`);
    await new Promise((again) => setTimeout(again, 15));
  }
}
