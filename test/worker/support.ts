import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ownBuild } from '../../src/daemon/build.ts';
import type { ProbeReport, WorkerOptions, WorkerOrder, WorkerReport } from '../../src/daemon/worker-link.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file of test/fixtures/worker. */
export const fixture = (name: string): string => join(root, 'test/fixtures/worker', name);

export interface Exit {
  code: number | null;
  signal: string | null;
}

interface Address {
  address: string;
  port: number;
}

type Event =
  | { event: 'pid'; value: number }
  | { event: 'message'; value: unknown }
  | { event: 'address'; value: Address }
  | { event: 'report'; value: WorkerReport }
  | { event: 'output'; value: string }
  | { event: 'disconnect' }
  | { event: 'exit'; value: Exit };

/** Builds the preload and `naught2/worker` as they are published; a cluster primary in a process of its own runs the workers. */
export class Primary {
  readonly folder: string;
  #process: ChildProcess;
  #workers: TestWorker[] = [];

  static async start(): Promise<Primary> {
    const folder = await mkdtemp(join(tmpdir(), 'naught-worker-'));
    const entry = (name: string) => join(root, 'src/daemon/worker', name);
    const common = { bundle: true, platform: 'node', target: 'node20.19' } as const;
    await Promise.all([
      build({ ...common, format: 'cjs', entryPoints: [entry('preload.ts')], outfile: join(folder, 'preload.cjs') }),
      build({
        ...common,
        format: 'esm',
        entryPoints: [entry('../supervisor/sockets/index.ts')],
        outfile: join(folder, 'sockets.mjs'),
      }),
      build({
        ...common,
        format: 'esm',
        entryPoints: [entry('public/worker.ts')],
        outfile: join(folder, 'worker.mjs'),
      }),
    ]);
    return new Primary(folder);
  }

  private constructor(folder: string) {
    this.folder = folder;
    this.#process = fork(fixture('primary.mjs'), [join(folder, 'sockets.mjs')], { execArgv: [] });
    this.#process.on('message', ({ id, ...event }: Event & { id: number }) => this.#workers[id]?.see(event as Event));
  }

  /** The module `naught2/worker`. */
  get workerModule(): string {
    return join(this.folder, 'worker.mjs');
  }

  /** Forks a fixture. Objects among the arguments are handed on as JSON. */
  fork(
    script: string,
    args: unknown[] = [],
    options: Partial<WorkerOptions> = {},
    nodeArgs: string[] = [],
  ): TestWorker {
    const id = this.#workers.length;
    const worker = new TestWorker((command) => this.#process.send({ id, ...command }));
    this.#workers.push(worker);
    const defaults: WorkerOptions = {
      ...ownBuild,
      slot: 0,
      title: 'naught test worker',
      drain: 'auto',
      lingerMs: null,
      spreadMs: 0,
      ignoreInterrupt: false,
      orphanMs: 30_000,
    };
    this.#process.send({
      command: 'fork',
      id,
      script: fixture(script),
      args: args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))),
      nodeArgs,
      preload: join(this.folder, 'preload.cjs'),
      options: { ...defaults, ...options },
    });
    return worker;
  }

  /** Forks a fixture that listens, and waits until it does. */
  async serve(...args: Parameters<Primary['fork']>): Promise<TestWorker> {
    const worker = this.fork(...args);
    await worker.serving();
    // Cluster's own word comes by another channel, and not for every kind of listening.
    await worker.until(() => worker.address);
    return worker;
  }

  /** The supervisor is killed, with no word to its workers. */
  die(): Promise<void> {
    const gone = new Promise<void>((resolve) => this.#process.once('exit', () => resolve()));
    this.#process.kill('SIGKILL');
    return gone;
  }

  /** Ends what a test has left: workers that listen on port 0 share that port with the next ones. */
  async clear(): Promise<void> {
    for (const worker of this.#workers) if (!worker.exited) worker.kill('SIGKILL');
    await Promise.all(this.#workers.map((worker) => worker.exit()));
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const gone = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.disconnect();
      await gone;
    }
    await rm(this.folder, { recursive: true });
  }
}

/** A worker as its supervisor sees it. */
export class TestWorker {
  output = '';
  address: Address | undefined;
  pid = 0;
  #seen: Event[] = [];
  #probes = 0;
  #waiting = new Set<() => void>();
  #command: (command: { command: string; [key: string]: unknown }) => void;

  constructor(command: (command: { command: string }) => void) {
    this.#command = command;
  }

  see(event: Event): void {
    this.#seen.push(event);
    if (event.event === 'output') this.output += event.value;
    if (event.event === 'address') this.address ??= event.value;
    if (event.event === 'pid') this.pid = event.value;
    for (const look of this.#waiting) look();
  }

  get port(): number {
    return this.address?.port ?? 0;
  }

  get messages(): unknown[] {
    return this.#seen.flatMap((seen) => (seen.event === 'message' ? [seen.value] : []));
  }

  get reports(): WorkerReport[] {
    return this.#seen.flatMap((seen) => (seen.event === 'report' ? [seen.value] : []));
  }

  /** Asks to leave: 'shutdown' follows when the worker is drained. */
  leave(): void {
    this.#order({ type: 'drain' });
  }

  /** Asks to leave, and waits until the drain has begun. */
  async draining(): Promise<WorkerReport & { type: 'draining' }> {
    this.leave();
    return this.report('draining');
  }

  /** Has its own server asked for this path. */
  async probe(path: string, timeoutMs = 60_000): Promise<ProbeReport> {
    const id = this.#probes++;
    this.#order({ type: 'probe', id, path, timeoutMs });
    return this.until(() => this.reports.find((each): each is ProbeReport => each.type === 'probed' && each.id === id));
  }

  #order(order: WorkerOrder): void {
    this.#command({ command: 'order', order });
  }

  /** Sends 'shutdown' now. */
  shutdown(): void {
    this.#command({ command: 'shutdown' });
  }

  /** Waits until 'shutdown' was delivered, and who ends the process from there on. */
  async leaving(): Promise<'preload' | 'app'> {
    return (await this.report('leaving')).by;
  }

  /** The supervisor's SIGTERM at a deadline. */
  cut(): void {
    this.#order({ type: 'cut' });
    this.kill('SIGTERM');
  }

  kill(signal: NodeJS.Signals): void {
    this.#command({ command: 'kill', signal });
  }

  serving(): Promise<WorkerReport> {
    return this.report('serving');
  }

  report<Type extends WorkerReport['type']>(type: Type): Promise<WorkerReport & { type: Type }> {
    return this.until(() => this.reports.find((report) => report.type === type)) as Promise<
      WorkerReport & { type: Type }
    >;
  }

  message(): Promise<unknown> {
    return this.until(() => this.messages.at(0));
  }

  said(text: string): Promise<true> {
    return this.until(() => this.output.includes(text) || undefined);
  }

  exit(): Promise<Exit> {
    return this.until(() => this.#seen.flatMap((seen) => (seen.event === 'exit' ? [seen.value] : [])).at(0));
  }

  get exited(): boolean {
    return this.#seen.some((seen) => seen.event === 'exit');
  }

  /** What `find` finds, as soon as it finds something. */
  until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
