import type { Acceptor, Connection } from './connection.ts';
import type { NativeListener, OnConnection } from './native.ts';

/** Who lends a listening handle to cluster. */
interface Lender extends Acceptor {
  readonly handle: NativeListener;
  /** The last worker of this loan left: connections wait for the next one. */
  endLoan(loan: Loan): void;
}

/**
 * What cluster's RoundRobinHandle gets in place of the listening handle: it sets `onconnection`, asks for `getsockname` and calls
 * `close` when its last worker leaves, and no more (lib/internal/cluster/round_robin_handle.js). Closing ends the loan alone.
 */
export class Loan {
  readonly getsockname?: (out: object) => number;
  isOver = false;
  readonly #lender: Lender;
  #distribute: OnConnection | null = null;

  constructor(lender: Lender) {
    this.#lender = lender;
    // RoundRobinHandle takes a handle without it for a Unix socket.
    if (lender.handle.getsockname) this.getsockname = (out) => lender.handle.getsockname?.(out) ?? 0;
  }

  set onconnection(distribute: OnConnection) {
    this.#distribute = distribute;
    this.#lender.settle();
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
      this.#lender.takeBack(connection);
    }
  }

  close(): void {
    this.isOver = true;
    this.#lender.endLoan(this);
  }
}
