import type { WorkerOptions } from '../../worker-link.ts';
import { cut } from './cut.ts';
import { closeIdle } from './idle.ts';
import { announceClose } from './responses.ts';
import type { Servers } from './servers.ts';
import type { Upgrades } from './upgrades.ts';
import { closeWebSockets } from './websockets.ts';

/** Milliseconds that timers and pools of the application may still hold the process when its last connection is gone. */
const afterLastConnection = 1_000;

/** Milliseconds for what is ended at the deadline to reach the clients. */
const lastWords = 500;

/**
 * Takes a worker out of service without losing a request. `begin` accepts no more connections and lets each end after its
 * response: all that is done where the application leaves by itself. `finish` closes what would stay open, and ends the process.
 * `expire` is the deadline.
 */
export class Drain {
  #servers: Servers;
  #upgrades: Upgrades;
  #options: WorkerOptions;
  #begun = false;
  /** How the process ends has been decided. */
  #left = false;

  constructor(servers: Servers, upgrades: Upgrades, options: WorkerOptions) {
    this.#servers = servers;
    this.#upgrades = upgrades;
    this.#options = options;
  }

  begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    announceClose(this.#servers);
    this.#servers.stopListening();
  }

  finish(): void {
    this.begin();
    // It stays for the application's messages, and holds nothing up.
    process.channel?.unref();
    process.prependOnceListener('SIGTERM', this.#deadline);
    closeIdle(this.#servers, this.#upgrades, this.#options.lingerMs);
    closeWebSockets(this.#servers, this.#upgrades, this.#options.spreadMs);
    this.#servers.on('closed', () => this.#leaveWhenEmpty());
    this.#leaveWhenEmpty();
  }

  /** Cuts what is left, and exits as soon as the clients have been told. */
  expire(): void {
    cut(this.#servers, this.#upgrades);
    this.#servers.on('closed', () => {
      if (this.#servers.open.size === 0) process.exit();
    });
    setTimeout(() => process.exit(), lastWords);
  }

  #deadline = (): void => {
    if (process.listenerCount('SIGTERM') === 0) {
      this.expire();
      return;
    }
    // The application's handlers run after this one, and end the process; the supervisor's SIGKILL does if they do not.
    this.#left = true;
    cut(this.#servers, this.#upgrades);
  };

  /** The process ends by itself, unless the application holds it: then its SIGTERM handlers know how, for as long as they need. */
  #leaveWhenEmpty(): void {
    if (this.#left || this.#servers.open.size > 0) return;
    this.#left = true;
    if (process.listenerCount('SIGTERM') > 1) {
      process.off('SIGTERM', this.#deadline);
      process.emit('SIGTERM', 'SIGTERM');
    } else {
      setTimeout(() => process.exit(), afterLastConnection).unref();
    }
  }
}
