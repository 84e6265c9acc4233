import { offline } from '../public/say.ts';
import { reaches } from '../report-pipe.ts';
import type { Drain } from './drain.ts';
import type { Servers } from './servers.ts';
import { surround } from './surround.ts';

/** A platform that signals every process signals the supervisor too: its order comes within so many milliseconds. */
const orderMs = 250;

/**
 * SIGTERM, for a worker that serves; any other dies of it as usual. At a deadline the supervisor sends it, with the order `cut`,
 * and it ends the worker. From anyone else it asks to leave: the worker says 'offline', and serves until it is drained. Handlers
 * of the application run in each case, and at once; a server that they close is drained.
 */
export class Sigterm {
  /** The supervisor has asked the worker to leave. */
  asked = false;
  /** The application has heard 'shutdown', and ends the process: a signal may be how. */
  appLeaves = false;
  #drain: Drain;
  #cut = false;
  /** What became of those that came before. */
  #taken: 'by nobody' | 'by the application' | null = null;
  #remove = () => {};

  constructor(drain: Drain, servers: Servers) {
    this.#drain = drain;
    servers.once('listening', () => {
      this.#remove = surround('SIGTERM', this.#onSignal);
    });
  }

  /** The supervisor's own: it comes before or after this. */
  cut(): void {
    this.#cut = true;
    if (this.#taken === 'by nobody') this.#drain.expire();
    if (this.#taken === 'by the application') this.#drain.cut();
  }

  /** Leaves the signal to the application's handlers, and to Node. Returns whether there are handlers. */
  handOver(): boolean {
    this.#remove();
    return process.listenerCount('SIGTERM') > 0;
  }

  #onSignal = (): void => {
    const handlers = process.listenerCount('SIGTERM') - 1;
    // Without a supervisor there is nobody else who would end the worker.
    if (this.#cut || this.appLeaves || !reaches()) {
      if (handlers === 0) this.#drain.expire();
      else this.#drain.cut();
      return;
    }
    // A library has done what it does at the signal, and sends it again, to end the process by it.
    if (handlers === 0 && this.#taken === 'by the application') {
      this.#drain.reportCut();
      this.handOver();
      process.kill(process.pid, 'SIGTERM');
      return;
    }
    this.#taken = handlers === 0 ? 'by nobody' : 'by the application';
    this.#drain.beginWhenClosed();
    setTimeout(() => {
      if (!this.asked) offline();
    }, orderMs).unref();
  };
}
