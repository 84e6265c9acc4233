import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type { KindName } from './client/kinds.ts';
import type { Order, Report } from './client/main.ts';
import { lost, type Tally } from './client/tally.ts';
import type { Target } from './client/wire.ts';

// By the folder of the project, because scripts/run.mjs runs a bench from another one.
const { build }: typeof import('esbuild') = createRequire(resolve('package.json'))('esbuild');

/** The clients, in a process of their own. */
export class Clients {
  #report: Report = { tallies: {}, left: 0 };
  #exited = false;

  /** Builds their program into `dir`, which lives longer than they. */
  static async start(dir: string, node: string): Promise<Clients> {
    const program = join(dir, 'clients.cjs');
    await build({
      entryPoints: [resolve('bench/loss/client/main.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20.19',
    });
    return new Clients(fork(program, { execPath: node, execArgv: [] }));
  }

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (report: Report) => {
      this.#report = report;
    });
    child.once('exit', () => {
      this.#exited = true;
    });
  }

  /** `clients` of a kind, counted under `name`. */
  run(name: string, kind: KindName, target: Target, clients: number): void {
    this.#order({ name, kind, target, clients });
  }

  get tallies(): Record<string, Tally> {
    return this.#report.tallies;
  }

  get lost(): number {
    return Object.values(this.tallies).reduce((sum, tally) => sum + lost(tally), 0);
  }

  /** Waits until each of these has been answered so many times more. */
  async answered(names: string[], times: number): Promise<void> {
    const before = this.tallies;
    const goal = (name: string) => (before[name]?.ok ?? 0) + times;
    await this.#until(() => names.every((name) => (this.tallies[name]?.ok ?? 0) >= goal(name)));
  }

  /** Nothing more is begun; returns when the clients know. What is in flight goes on, long-lived connections too. */
  async last(): Promise<void> {
    this.#order({ turn: 'last' });
    await once(this.child, 'message');
  }

  /** Waits until every client has left, which those of `last` do when their server has ended their connection. */
  async gone(): Promise<Record<string, Tally>> {
    await this.#until(() => this.#report.left === 0);
    return this.tallies;
  }

  /** Ends every client after its request in flight. */
  async stop(): Promise<Record<string, Tally>> {
    this.#order({ turn: 'stop' });
    await once(this.child, 'message');
    return this.gone();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#exited) return;
    // Not disconnect(): in the midst of a message that waits for the end of it, and then drops it (Node 20).
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  #order(order: Order): void {
    this.child.send(order);
  }

  async #until(reached: () => boolean): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!reached()) {
      if (this.#exited) throw new Error('the clients are gone');
      if (Date.now() > deadline) throw new Error(`no progress for 60 s: ${JSON.stringify(this.tallies)}`);
      await once(this.child, 'message');
    }
  }
}
