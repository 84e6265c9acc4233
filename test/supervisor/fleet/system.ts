import type { ChildProcess } from 'node:child_process';
import type { ClusterSettings, Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import type { ToControl, ToSupervisor } from '../../../src/daemon/control-link.ts';
import type { StartConfig } from '../../../src/daemon/start-config.ts';
import type { HeldSockets } from '../../../src/daemon/supervisor/sockets/index.ts';
import { Supervisor } from '../../../src/daemon/supervisor/supervisor.ts';
import type { System } from '../../../src/daemon/supervisor/system.ts';
import type { WorkerReport } from '../../../src/daemon/worker-link.ts';
import { release } from '../machine/support.ts';

/** The pair of reports and orders, at the supervisor's end. */
class FakeReports extends PassThrough {
  readonly orders: unknown[] = [];

  override write(line: string): boolean {
    this.orders.push(JSON.parse(line).type);
    return true;
  }
}

/** A process that does only what the test lets it do. */
class FakeChild extends EventEmitter {
  connected = true;
  readonly sent: unknown[] = [];
  readonly signals: string[] = [];
  readonly stderr = new PassThrough();
  readonly reports = new FakeReports();
  readonly stdio: unknown[] = [null, null, null, null, this.reports];

  constructor(readonly pid: number | undefined) {
    super();
  }

  send(message: unknown): boolean {
    this.sent.push(message);
    return true;
  }

  disconnect(): void {
    this.connected = false;
    this.emit('disconnect');
  }

  kill(signal: string): boolean {
    this.signals.push(signal);
    return true;
  }
}

export class FakeWorker extends EventEmitter {
  readonly process: FakeChild;

  constructor(
    pid: number | undefined,
    readonly settings: ClusterSettings,
    readonly environment: NodeJS.ProcessEnv,
  ) {
    super();
    this.process = new FakeChild(pid);
  }

  isConnected = () => this.process.connected;
  send = (message: unknown) => this.process.send(message);

  report(report: WorkerReport): void {
    this.process.reports.emit('data', `${JSON.stringify(report)}\n`);
  }

  /** Its reports are read to their end before its exit counts. */
  async exit(code: number | null, signal: string | null = null): Promise<void> {
    this.process.connected = false;
    this.process.reports.emit('close');
    this.emit('exit', code, signal);
    await settled();
  }
}

export class FakeControl extends FakeChild {
  /** Whether it answers when it is asked whether it lives. */
  lives = true;

  override send(message: ToControl): boolean {
    if (message.type === 'ping' && this.lives) queueMicrotask(() => this.says({ type: 'pong' }));
    return message.type === 'ping' || super.send(message);
  }

  says(message: ToSupervisor): void {
    this.emit('message', message);
  }

  /** The messages of one kind that it was sent. */
  told<Type extends ToControl['type']>(type: Type): Extract<ToControl, { type: Type }>[] {
    return (this.sent as ToControl[]).filter((message) => message.type === type) as Extract<
      ToControl,
      { type: Type }
    >[];
  }

  exit(code: number | null, signal: string | null = null): void {
    this.connected = false;
    this.emit('exit', code, signal);
  }
}

/** A connection to the ipc-file, seen from the daemon. */
export class FakeClient extends Writable {
  text = '';
  /** Its other end has left, which only who writes to it notices. */
  gone = false;

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk;
    done(this.gone ? new Error('write EPIPE') : undefined);
  }

  resume(): this {
    return this;
  }
}

/** Makes processes of the test's. */
export class FakeSystem implements System {
  readonly workers: FakeWorker[] = [];
  readonly controls: FakeControl[] = [];
  /** Thrown by whatever would start a process. */
  refusal: Error | null = null;
  /** What is started has no pid, and an error is expected from it. */
  stillborn = false;

  forkWorker(settings: ClusterSettings, environment: NodeJS.ProcessEnv): Worker {
    if (this.refusal) throw this.refusal;
    const pid = this.stillborn ? undefined : 1_000 + this.workers.length;
    this.workers.push(new FakeWorker(pid, settings, environment));
    return this.workers.at(-1) as unknown as Worker;
  }

  forkControl(): ChildProcess {
    if (this.refusal) throw this.refusal;
    this.controls.push(new FakeControl(this.stillborn ? undefined : 2_000 + this.controls.length));
    return this.controls.at(-1) as unknown as ChildProcess;
  }
}

export const config: StartConfig = {
  version: '2.0.0',
  ipcFile: '/run/naught.ipc',
  ipcName: 'naught.ipc',
  pidFile: '/run/naught.pid',
  removeOldIpc: false,
  foreground: false,
  keepReleases: 20,
  bootTimeoutMs: null,
  logs: { daemon: 'naught.log', stdout: 'stdout.log', stderr: 'stderr.log', maxSize: 1, keep: null, format: 'plain' },
  strategy: {},
  workers: {
    onlineOn: 'message',
    drain: 'auto',
    lingerMs: null,
    drainTimeoutMs: 'default',
    spreadMs: 0,
    scheduling: 'rr',
    bootParallel: 8,
  },
  release: { script: '/app/server.js', args: [], nodeArgs: [], cwd: '/app', workerCount: 1 },
  environment: {},
};

const sockets = {
  watch: () => {},
  dismiss: () => {},
  mark: () => {},
  releaseUnusedIn: () => {},
  closeAll: async () => {},
} as unknown as HeldSockets;

/** A supervisor on processes of the test's, and how it ended. */
export function supervise(system: FakeSystem, workerCount = 1) {
  const ends: number[] = [];
  const supervisor = new Supervisor(config, release(1, workerCount), {
    system,
    env: {},
    sockets,
    fifos: { take: () => null, ready: async () => {} },
    files: () => ({ ipcFolder: '/run', pidFolder: '/run', ipcInode: 1, copies: [] }),
    control: null,
    tell: () => {},
    onEnd: (code) => ends.push(code),
  });
  supervisor.start();
  return { supervisor, ends, connect };

  /** A client of the ipc-file; what it is told comes out of its other end. */
  function connect(): FakeClient {
    const client = new FakeClient();
    supervisor.client(client as unknown as Socket);
    return client;
  }
}

/** What is awaited without a timer has happened. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
