import { type Acceptor, Connection } from './connection.ts';
import type { HeldSocket } from './held-socket.ts';
import { Loan } from './loan.ts';
import type { NativeClient, NativeListener, Query } from './native.ts';
import { SocketFile } from './socket-file.ts';
import { allowAll, bindPath, closeHandle, closeWithoutFile, isPathGone } from './unix.ts';

/** How long a socket without a path goes on accepting: libuv takes one connection a turn. In milliseconds. */
const retiredMs = 1_000;

/** A listening socket under round robin: accepts for its whole life, and keeps what comes while no worker listens. */
export class Listener implements HeldSocket, Acceptor {
  readonly workers = new Set<number>();
  handle: NativeListener;
  wasUsed = false;
  isClosed = false;
  dropped = 0;
  lastAsked = 0;
  readonly #file: SocketFile;
  #loan: Loan | null = null;
  /** Every connection without an acknowledgement, and those of them that wait here, oldest first. */
  readonly #waiting = new Set<Connection>();
  readonly #parked = new Set<Connection>();
  readonly #onEmpty: (() => void)[] = [];

  constructor(
    public query: Query,
    handle: NativeListener,
    private readonly parkLimit: number,
  ) {
    this.handle = handle;
    this.#file = new SocketFile(query);
    // An old worker may remove it as it leaves, while new ones listen.
    this.#file.watch(() => this.isLent && this.#restorePath());
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
    this.#restorePath();
    for (const connection of this.#waiting) if (connection.isLost) this.takeBack(connection);
    this.settle();
  }

  forget(connection: Connection): void {
    this.#waiting.delete(connection);
    this.#parked.delete(connection);
    if (this.#waiting.size === 0) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  adopt(query: Query): void {
    if (query.umask !== this.query.umask) this.#file.follow(query);
    this.query = query;
    this.#restorePath();
  }

  #restorePath(): void {
    if (this.isClosed || !isPathGone(this.query)) return;
    const former = this.handle;
    // What connected before the path was removed is still in its queue, and would be reset.
    setTimeout(() => closeWithoutFile(former), retiredMs).unref();
    const handle = bindPath(this.query);
    if (handle === null || handle.listen(this.query.backlog || 511) !== 0) {
      handle?.close();
      this.#close();
      return;
    }
    allowAll(handle, this.query);
    this.handle = handle;
    this.#file.replaced();
    this.#accept();
  }

  close(): void {
    if (!this.isClosed) closeHandle(this.query, this.handle);
    this.#close();
  }

  emptied(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) resolve();
      else this.#onEmpty.push(resolve);
    });
  }

  #close(): void {
    this.isClosed = true;
    this.#file.close();
    this.settle();
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
    else {
      this.takeBack(connection);
      if (this.isClosed) this.settle();
    }
  }

  #drop(connection: Connection): void {
    connection.letGo();
    connection.client.close();
  }
}
