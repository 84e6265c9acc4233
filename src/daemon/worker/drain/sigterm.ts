import { offline } from '../public/say.ts';
import { reaches } from '../report-pipe.ts';
import type { Drain } from './drain.ts';
import type { Servers } from './servers.ts';

/** A platform that signals every process signals the supervisor too: its order comes within so many milliseconds. */
const orderMs = 250;

/**
 * SIGTERM, for a worker that serves; any other dies of it as usual. At a deadline the supervisor sends it, with the order `cut`,
 * and it ends the worker. From anyone else it asks to leave: the worker says 'offline', serves until it is drained, and hands the
 * signal over to the application's handlers then. With --drain app they have it at once.
 */
export class Sigterm {
  /** The supervisor has asked the worker to leave. */
  asked = false;
  /** The application has heard 'shutdown', and ends the process: a signal may be how. */
  appLeaves = false;
  #drain: Drain;
  /** --drain app. */
  #isByApp: boolean;
  #cut = false;
  /** One came that was not the supervisor's, as far as that is known. */
  #held = false;
  #handedOver = false;

  constructor(drain: Drain, servers: Servers, isByApp: boolean) {
    this.#drain = drain;
    this.#isByApp = isByApp;
    servers.once('listening', () => this.#install());
  }

  /** The supervisor's own: it comes before or after this. */
  cut(): void {
    this.#cut = true;
    if (this.#held) this.#end();
  }

  /** Leaves the signal to the application's handlers, and to Node. Returns whether there are handlers. */
  handOver(): boolean {
    this.#handedOver = true;
    process.off('SIGTERM', keep);
    return process.listenerCount('SIGTERM') > 0;
  }

  /**
   * Node hands a signal to `process.emit` as it is when the signal's first listener comes, and keeps that (lib/internal/process/signal.js):
   * for this moment, and no longer, it is ours. The application's listeners stay what they are, and are called by the real one.
   */
  #install(): void {
    const others = process.rawListeners('SIGTERM') as NodeJS.SignalsListener[];
    for (const listener of others) process.off('SIGTERM', listener);
    const before = Object.getOwnPropertyDescriptor(process, 'emit');
    const emit = process.emit as (...args: unknown[]) => boolean;
    process.emit = ((...args: unknown[]) =>
      args[0] === 'SIGTERM' ? this.#receive() : emit.apply(process, args)) as typeof process.emit;
    process.on('SIGTERM', keep);
    if (before) Object.defineProperty(process, 'emit', before);
    else delete (process as { emit?: unknown }).emit;
    for (const listener of others) process.on('SIGTERM', listener);
  }

  #receive(): boolean {
    if (this.#handedOver) return tell();
    // Without a supervisor there is nobody else who would end the worker.
    if (this.#cut || this.appLeaves || !reaches()) return this.#end();
    this.#held = true;
    setTimeout(() => {
      if (!this.asked) offline();
    }, orderMs).unref();
    return this.#isByApp && tell();
  }

  #end(): boolean {
    if (process.listenerCount('SIGTERM') === 1) {
      this.#drain.expire();
      return true;
    }
    this.#drain.cut();
    return tell();
  }
}

/** Keeps the signal from ending the process. */
const keep = () => {};

function tell(): boolean {
  return process.emit('SIGTERM', 'SIGTERM');
}
