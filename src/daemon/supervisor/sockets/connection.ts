import type { Listener } from './listener.ts';
import type { Loan } from './loan.ts';
import type { NativeClient } from './native.ts';

const connections = new WeakMap<object, Connection>();

/** The connection behind a client handle that no worker has acknowledged yet. */
export function connectionOf(client: unknown): Connection | undefined {
  return typeof client === 'object' && client !== null ? connections.get(client) : undefined;
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
  loan: Loan | null = null;

  constructor(
    readonly client: NativeClient,
    readonly listener: Listener,
  ) {
    connections.set(client, this);
    // RoundRobinHandle.remove() closes what is still queued when the last worker leaves. Every close before the acknowledgement
    // therefore gives the connection back; `letGo` takes this away again, and RoundRobinHandle's close is the real one.
    client.close = () => listener.takeBack(this);
  }

  /** From now on it is the worker's: closing the handle closes the supervisor's copy. */
  letGo(): void {
    connections.delete(this.client);
    Reflect.deleteProperty(this.client, 'close');
    this.listener.forget(this);
  }

  /**
   * Neither queued nor sent, although RoundRobinHandle has it: handoff() takes it off the queue, and sendHelper()
   * (lib/internal/cluster/utils.js) drops it when the worker's channel is closed and its 'disconnect' still to come.
   */
  get isLost(): boolean {
    return this.state === 'queued' && this.client._idleNext === null;
  }
}
