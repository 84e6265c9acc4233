import cluster from 'node:cluster';
import type { WorkerOptions } from '../../worker-link.ts';
import { registry, runShutdownFunctions } from '../registry.ts';
import { report } from '../reporter.ts';
import type { Drain } from './drain.ts';
import type { Servers } from './servers.ts';

/** How often a worker that is leaving looks whether its daemon is alive; before that the IPC channel tells. */
const parentInterval = 1_000;

/** Decides, when 'shutdown' arrives, who drains: the application, if it listens for it in any way, or the preload. */
export class Shutdown {
  #servers: Servers;
  #drain: Drain;
  #options: WorkerOptions;
  /** Listeners of node:cluster itself, and our two. */
  #ownListeners = process.listenerCount('message') + 2;
  #handled = false;
  #begun = false;
  #orphaned = false;

  constructor(servers: Servers, drain: Drain, options: WorkerOptions) {
    this.#servers = servers;
    this.#drain = drain;
    this.#options = options;
    process.prependListener('message', this.#beforeApp);
    process.on('message', this.#afterApp);
    process.on('newListener', this.#stayAround);
    process.prependListener('disconnect', this.#onDisconnect);
    process.on('error', this.#onError);
    registry().leave = () => this.#orphan();
  }

  /** Decides before the application's handlers run: one of `once()` is gone afterwards. */
  #beforeApp = (message: unknown): void => {
    if (message !== 'shutdown' || this.#begun) return;
    this.#handled = this.#handledByApp();
    const by = this.#handled || this.#options.drain === 'app' ? 'app' : 'preload';
    report({ type: 'draining', by, connections: this.#servers.connections });
  };

  /**
   * The application's handlers have run, so that a server.close(callback) in one of them has found the server listening;
   * node:cluster closes what is left in its next message.
   */
  #afterApp = (message: unknown): void => {
    if (message === 'shutdown') this.#begin();
  };

  /** First and last, wherever the application puts its own: one that was prepended with once() would be gone before it is counted. */
  #stayAround = (event: string | symbol, listener: unknown): void => {
    if (event !== 'message' || listener === this.#beforeApp || listener === this.#afterApp) return;
    queueMicrotask(() => {
      process.off('message', this.#beforeApp).prependListener('message', this.#beforeApp);
      process.off('message', this.#afterApp).on('message', this.#afterApp);
    });
  };

  /** The daemon died, or the application disconnected by itself. node:cluster would exit at once. */
  #onDisconnect = (): void => {
    const { worker } = cluster;
    if (!worker || worker.exitedAfterDisconnect) return;
    if (this.#options.drain === 'app' && !this.#begun && !this.#handledByApp()) return;
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

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    void runShutdownFunctions();
    if (this.#options.drain === 'auto') this.#handled ? this.#drain.begin() : this.#drain.finish();
    const { ppid } = process;
    setInterval(() => {
      if (process.ppid !== ppid) this.#orphan();
    }, parentInterval).unref();
  }

  /** Leaves as on 'shutdown', with a deadline of its own. */
  #orphan(): void {
    if (this.#orphaned) return;
    this.#orphaned = true;
    setTimeout(() => this.#drain.expire(), this.#options.orphanMs).unref();
    if (!this.#begun) process.emit('message', 'shutdown', undefined);
  }

  #handledByApp(): boolean {
    return (
      process.listenerCount('message') > this.#ownListeners ||
      (cluster.worker?.listenerCount('message') ?? 0) > 0 ||
      registry().onShutdown.size > 0
    );
  }
}
