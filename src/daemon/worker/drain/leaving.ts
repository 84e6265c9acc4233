import cluster from 'node:cluster';
import type { WorkerOptions, WorkerOrder } from '../../worker-link.ts';
import { registry, runShutdownFunctions } from '../registry.ts';
import { report } from '../report-pipe.ts';
import { watchDispatch } from './dispatch.ts';
import type { Drain } from './drain.ts';
import type { Servers } from './servers.ts';
import { Sigterm } from './sigterm.ts';
import { surround } from './surround.ts';

/** How often a worker that is leaving looks whether its daemon is alive, in milliseconds: the channel may be closed. */
const parentInterval = 1_000;

/** Milliseconds that timers and pools of the application may still hold the process when its last connection is gone. */
const afterLastConnection = 1_000;

/**
 * How the worker comes to its end: the supervisor orders the drain, and sends 'shutdown' when that is done. Then it is decided
 * who ends the process: the application, if it does something about 'shutdown', or the preload.
 */
export class Leaving {
  #servers: Servers;
  #drain: Drain;
  #sigterm: Sigterm;
  #options: WorkerOptions;
  /** Listeners of node:cluster itself, and our two. */
  #ownListeners = process.listenerCount('message') + 2;
  /** 'shutdown' was delivered. */
  #told = false;
  #mentioned = false;
  /** While the listeners of 'shutdown' run. */
  #dispatched: ReturnType<typeof watchDispatch> | null = null;
  #orphaned = false;
  /** How the process ends has been decided. */
  #left = false;

  constructor(servers: Servers, drain: Drain, options: WorkerOptions) {
    this.#servers = servers;
    this.#drain = drain;
    this.#options = options;
    this.#sigterm = new Sigterm(drain, servers, options.drain === 'app');
    surround('message', this.#beforeApp, this.#afterApp);
    process.prependListener('disconnect', this.#onDisconnect);
    process.on('error', this.#onError);
    process.prependListener('exit', () => drain.reportCut());
    registry().leave = () => this.#orphan();
  }

  obey({ type }: WorkerOrder): void {
    if (type === 'cut') this.#sigterm.cut();
    if (type !== 'drain') return;
    this.#sigterm.asked = true;
    this.#drain.begin((left) => {
      report({ type: 'drained', left });
      if (this.#told || this.#listensForMessages()) return;
      // Nobody would hear it: an idle worker leaves as fast as it can.
      this.#told = true;
      this.#decide(false);
    });
  }

  /** Looks at the listeners before they run: one of `once()` is gone afterwards. */
  #beforeApp = (message: unknown): void => {
    if (message !== 'shutdown' || this.#told) return;
    this.#told = true;
    this.#sigterm.asked = true;
    if (this.#options.drain === 'auto') this.#drain.begin();
    this.#mentioned = this.#isMentioned() || registry().onShutdown.size > 0;
    // One that throws ends the dispatch, and not always the process: what has begun since then is not its own.
    setImmediate(() => this.#endDispatch(() => false));
    this.#dispatched = watchDispatch();
  };

  #afterApp = (message: unknown): void => {
    if (message === 'shutdown') this.#endDispatch((began) => began);
  };

  #endDispatch(hasBegun: (began: boolean) => boolean): void {
    this.#dispatched?.((began) => this.#decide(hasBegun(began) || this.#mentioned || this.#servers.closedByApp));
    this.#dispatched = null;
  }

  /** From here on nothing but the application's own affairs holds the process. The channel stays open for its messages. */
  #decide(handled: boolean): void {
    const by = handled || this.#options.drain === 'app' ? 'app' : 'preload';
    report({ type: 'leaving', by });
    void runShutdownFunctions();
    this.#lookForParent();
    this.#sigterm.appLeaves = by === 'app';
    if (this.#options.drain === 'app') return;
    process.channel?.unref();
    if (by === 'app') return;
    this.#servers.on('closed', () => this.#leaveWhenEmpty());
    this.#leaveWhenEmpty();
  }

  /** The process ends by itself, unless the application holds it: then its SIGTERM handlers know how, for as long as they need. */
  #leaveWhenEmpty(): void {
    if (this.#left || this.#servers.open.size > 0) return;
    this.#left = true;
    if (this.#sigterm.handOver()) process.emit('SIGTERM', 'SIGTERM');
    else setTimeout(() => process.exit(), afterLastConnection).unref();
  }

  /** The daemon died, or the application disconnected by itself. node:cluster would exit at once. */
  #onDisconnect = (): void => {
    const { worker } = cluster;
    if (!worker || worker.exitedAfterDisconnect) return;
    if (this.#options.drain === 'app' && !this.#told && !this.#listensForMessages()) return;
    worker.exitedAfterDisconnect = true;
    this.#orphan();
  };

  /**
   * What the application says to a daemon that is gone is for nobody, and would be an uncaught exception. EPIPE: that is met before
   * the end of the channel is.
   */
  #onError = (error: NodeJS.ErrnoException): void => {
    if (this.#orphaned || error.code === 'EPIPE') return;
    if (process.listenerCount('error') === 1) throw error;
  };

  /** Leaves as on the supervisor's order, with a deadline of its own. */
  #orphan(): void {
    if (this.#orphaned) return;
    this.#orphaned = true;
    setTimeout(() => this.#drain.expire(), this.#options.orphanMs).unref();
    const tell = () => {
      if (!this.#told) process.emit('message', 'shutdown', undefined);
    };
    if (this.#options.drain === 'app') tell();
    else this.#drain.begin(tell);
  }

  #lookForParent(): void {
    const { ppid } = process;
    setInterval(() => {
      if (process.ppid !== ppid) this.#orphan();
    }, parentInterval).unref();
  }

  #listensForMessages(): boolean {
    return (
      process.listenerCount('message') > this.#ownListeners ||
      (cluster.worker?.listenerCount('message') ?? 0) > 0 ||
      registry().onShutdown.size > 0
    );
  }

  /** Whether a listener of the application names it. */
  #isMentioned(): boolean {
    const listeners = [...process.listeners('message'), ...(cluster.worker?.listeners('message') ?? [])];
    return listeners.some(
      (listener) => listener !== this.#beforeApp && listener !== this.#afterApp && /shutdown/i.test(`${listener}`),
    );
  }
}
