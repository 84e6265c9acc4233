import { type Acceptor, Connection } from './connection.ts';
import type { HeldSocket } from './held-socket.ts';
import { Loan } from './loan.ts';
import type { NativeClient, NativeListener, Query } from './native.ts';
import { bindPath, chmod, isPathGone } from './unix.ts';

/** A listening socket under round robin: accepts for its whole life, and keeps what comes while no worker listens. */
export class Listener implements HeldSocket, Acceptor {
  readonly workers = new Set<number>();
  handle: NativeListener;
  wasUsed = false;
  isClosed = false;
  dropped = 0;
  lastAsked = 0;
  #loan: Loan | null = null;
  /** Every connection without an acknowledgement, and those of them that wait here, oldest first. */
  readonly #waiting = new Set<Connection>();
  readonly #parked = new Set<Connection>();
  readonly #onEmpty: (() => void)[] = [];

  constructor(
    readonly query: Query,
    handle: NativeListener,
    private readonly parkLimit: number,
  ) {
    this.handle = handle;
    this.#accept();
  }

  get isLent(): boolean {
    return this.#loan !== null;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** What a RoundRobinHandle gets in place of the handle. */
  lend(): Loan {
    this.#loan = new Loan(this);
    return this.#loan;
  }

  endLoan(loan: Loan): void {
    if (this.#loan === loan) this.#loan = null;
    this.settle();
  }

  takeBack(connection: Connection): void {
    connection.state = 'parked';
    this.#parked.add(connection);
    if (this.#parked.size <= this.parkLimit) return;
    for (const oldest of this.#parked) {
      this.dropped += 1;
      this.#drop(oldest);
      break;
    }
  }

  settle(): void {
    const loan = this.#loan;
    if (loan?.isReady) {
      for (const connection of [...this.#parked]) {
        this.#parked.delete(connection);
        loan.give(connection);
      }
    } else if (this.isClosed && loan === null) {
      for (const connection of [...this.#parked]) this.#drop(connection);
    }
  }

  recover(): void {
    this.restorePath();
    for (const connection of this.#waiting) if (connection.isLost) this.takeBack(connection);
    this.settle();
  }

  forget(connection: Connection): void {
    this.#waiting.delete(connection);
    this.#parked.delete(connection);
    if (this.#waiting.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  restorePath(): void {
    if (this.isClosed || !isPathGone(this.query)) return;
    this.handle.close();
    const handle = bindPath(this.query);
    if (handle === null || handle.listen(this.query.backlog || 511) !== 0) {
      handle?.close();
      this.isClosed = true;
      this.settle();
      return;
    }
    chmod(handle, this.query);
    this.handle = handle;
    this.#accept();
  }

  close(): void {
    if (!this.isClosed) this.handle.close();
    this.isClosed = true;
    this.settle();
  }

  emptied(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) resolve();
      else this.#onEmpty.push(resolve);
    });
  }

  #accept(): void {
    this.handle.onconnection = (status, client) => {
      if (status === 0 && client) this.#take(client);
    };
  }

  #take(client: NativeClient): void {
    this.wasUsed = true;
    const connection = new Connection(client, this);
    this.#waiting.add(connection);
    if (this.#loan?.isReady) this.#loan.give(connection);
    else this.takeBack(connection);
  }

  #drop(connection: Connection): void {
    connection.letGo();
    connection.client.close();
  }
}
