import type { NativeClient } from './native.ts';

/** On the client's handle: a WeakMap costs a busy supervisor more in garbage collections than all else that it does here. */
const held = Symbol('connection');

type HeldClient = NativeClient & { [held]?: Connection | undefined };

/** The connection behind a client handle that no worker has acknowledged yet. */
export function connectionOf(client: unknown): Connection | undefined {
  return typeof client === 'object' && client !== null ? (client as HeldClient)[held] : undefined;
}

/** Whoever accepted a connection, and looks after it until a worker has acknowledged it. */
export interface Acceptor {
  /** The connection waits here, until `settle`. */
  takeBack(connection: Connection): void;
  /** Hands what waits here to the workers, if any listen; closes it, if none ever will. */
  settle(): void;
  /** The connection is a worker's, or closed. */
  forget(connection: Connection): void;
}

/**
 * A connection that the supervisor accepted and no worker has acknowledged. A worker acknowledges before it reads
 * (lib/internal/cluster/child.js, onconnection), so that until then any other worker can have it.
 *
 * parked: here, no worker listens. queued: in the queue of cluster's RoundRobinHandle. sent: on its way to a worker.
 * unsendable: the worker's channel broke before it was written.
 */
export class Connection {
  state: 'parked' | 'queued' | 'sent' | 'unsendable' = 'parked';
  /** The loan it was given to: cluster's RoundRobinHandle of then. */
  loan: { readonly isOver: boolean } | null = null;

  constructor(
    readonly client: NativeClient,
    readonly acceptor: Acceptor,
  ) {
    (client as HeldClient)[held] = this;
    // RoundRobinHandle.remove() closes what is still queued when the last worker leaves. Every close before the acknowledgement
    // therefore gives the connection back; `letGo` takes this away again, and RoundRobinHandle's close is the real one.
    client.close = () => acceptor.takeBack(this);
  }

  /** From now on it is the worker's: closing the handle closes the supervisor's copy. */
  letGo(): void {
    (this.client as HeldClient)[held] = undefined;
    this.client.close = Object.getPrototypeOf(this.client).close;
    this.acceptor.forget(this);
  }

  /**
   * Neither queued nor sent, although RoundRobinHandle has it: handoff() takes it off the queue, and sendHelper()
   * (lib/internal/cluster/utils.js) drops it when the worker's channel is closed and its 'disconnect' still to come.
   */
  get isLost(): boolean {
    return this.state === 'queued' && this.client._idleNext === null;
  }

  /** In the queue of a RoundRobinHandle whose last worker has left: nobody will look there. */
  get isStranded(): boolean {
    return this.state === 'queued' && this.loan?.isOver === true;
  }

  /** Back to where it was accepted, and on to any worker that listens. */
  giveBack(): void {
    this.acceptor.takeBack(this);
    this.acceptor.settle();
  }
}
