import type { Connection } from './connection.ts';
import type { Listener } from './listener.ts';
import type { OnConnection } from './native.ts';

/**
 * What cluster's RoundRobinHandle gets in place of the listening handle: it sets `onconnection`, asks for `getsockname` and calls
 * `close` when its last worker leaves, and no more (lib/internal/cluster/round_robin_handle.js). Closing ends the loan alone.
 */
export class Loan {
  readonly getsockname?: (out: object) => number;
  readonly #listener: Listener;
  #distribute: OnConnection | null = null;

  constructor(listener: Listener) {
    this.#listener = listener;
    // RoundRobinHandle takes a handle without it for a Unix socket.
    if (listener.handle.getsockname) this.getsockname = (out) => listener.handle.getsockname?.(out) ?? 0;
  }

  set onconnection(distribute: OnConnection) {
    this.#distribute = distribute;
    this.#listener.settle();
  }

  get isReady(): boolean {
    return this.#distribute !== null;
  }

  give(connection: Connection): void {
    connection.state = 'queued';
    connection.loan = this;
    try {
      this.#distribute?.(0, connection.client);
    } catch {
      this.#listener.takeBack(connection);
    }
  }

  close(): void {
    this.#listener.endLoan(this);
  }
}
