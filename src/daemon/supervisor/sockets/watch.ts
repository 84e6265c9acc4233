import type { ChildProcess } from 'node:child_process';
import type { Worker } from 'node:cluster';
import { type Connection, connectionOf } from './connection.ts';
import type { Desk } from './desk.ts';
import { HandlesSent } from './handles.ts';
import type { HeldSocket } from './held-socket.ts';
import { type ClusterMessage, clusterMessage, type Query } from './native.ts';
import { asMeant } from './unix.ts';

type Send = (
  message: unknown,
  handle?: unknown,
  options?: unknown,
  callback?: (error: Error | null) => void,
) => boolean;

/**
 * Follows what cluster and one worker say to each other: which addresses it listens on, and which connections it was sent and
 * has not acknowledged. When it is gone, those are given to other workers; cluster's own would hang for ever. `onListen` is called
 * before the first connection goes to the worker. Returns what takes the worker out of service: cluster sends it
 * no more connections, and its channel stays.
 */
export function watchWorker(worker: Worker, desk: Desk, onListen: () => void): () => void {
  const child = worker.process;
  const sent = new Map<number, Connection>();
  const asked = new Map<number, Query>();
  const listens = new Map<string, HeldSocket>();
  const handles = new HandlesSent(refused);
  let leaving = false;
  let returned: Connection | null = null;

  const send = child.send as Send;
  child.send = ((message: unknown, handle?: unknown, options?: unknown, callback?: unknown) => {
    const internal = clusterMessage(message);
    if (handle && internal?.act !== 'newconn') handles.add();
    if (internal === null) {
      if (typeof message === 'string' && message.toLowerCase() === 'shutdown') leaving = true;
    } else if (internal.act === 'newconn') return sendConnection(internal, handle);
    else if (internal.act === 'disconnect') leave();
    else if (internal.ack !== undefined) answered(internal);
    return send.call(child, message, handle, options, callback as undefined);
  }) as typeof child.send;

  // Without a callback an error of send() would be an 'error' event of the worker.
  function sendConnection(message: ClusterMessage, client: unknown): boolean {
    const connection = connectionOf(client);
    if (!connection || message.seq === undefined) {
      handles.add();
      return send.call(child, message, client);
    }
    connection.state = 'sent';
    sent.set(message.seq, connection);
    handles.add(message.seq);
    return send.call(child, message, client, undefined, (error) => {
      if (error && connection.state === 'sent') connection.state = 'unsendable';
    });
  }

  /** As if the worker had said that it does not accept it: cluster gives it to another one, and this one gets the next. */
  function refused(seq: number): void {
    if (sent.has(seq)) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: seq, accepted: false });
  }

  /** Cluster's answer to a query: the worker listens, unless it has an errno. */
  function answered(message: ClusterMessage): void {
    const query = asked.get(message.ack ?? -1);
    asked.delete(message.ack ?? -1);
    const held = query && desk.registry.get(query);
    if (!held || message.errno || message.key === undefined) return;
    desk.registry.touch(held);
    held.workers.add(worker.id);
    listens.set(message.key, held);
    onListen();
  }

  function leave(): void {
    leaving = true;
    for (const held of listens.values()) held.workers.delete(worker.id);
    listens.clear();
  }

  /** Before cluster sees the message. */
  function before(message: unknown): void {
    handles.hear(message);
    const internal = clusterMessage(message);
    if (internal?.act === 'queryServer') {
      const query = internal as ClusterMessage & Query;
      if (query.addressType === 'udp4' || query.addressType === 'udp6') return;
      asMeant(query, child.pid);
      desk.query = query;
      asked.set(internal.seq ?? -1, query);
      desk.registry.get(query)?.adopt(query);
    } else if (internal?.ack !== undefined) acknowledged(internal);
  }

  function acknowledged(message: ClusterMessage): void {
    const connection = sent.get(message.ack ?? -1);
    if (!connection) return;
    sent.delete(message.ack ?? -1);
    if (message.accepted) return connection.letGo();
    connection.state = 'queued';
    returned = connection;
  }

  /** After cluster has dealt with it. */
  function after(message: unknown): void {
    desk.query = null;
    const internal = clusterMessage(message);
    if (internal?.act === 'close') closed(internal.key ?? '');
    // RoundRobinHandle puts what a closing worker returns in its queue even when that worker was its last and nobody will look.
    if (returned?.isStranded) returned.giveBack();
    returned = null;
  }

  /** A worker in a hurry for a free port listens on 0, closes, and wants to use the number elsewhere: such a one is not held. */
  function closed(key: string): void {
    const held = listens.get(key);
    if (!held) return;
    listens.delete(key);
    held.workers.delete(worker.id);
    if (held.query.port === 0 && !held.isLent && !held.wasUsed && !leaving) desk.registry.close(held);
  }

  /** A broken channel says that what could not be written was not read either; about the rest only the worker's death does. */
  function gone(): void {
    const dead = worker.isDead();
    if (child.connected) return;
    if (dead) leave();
    for (const [seq, connection] of [...sent]) {
      if (!dead && connection.state !== 'unsendable') continue;
      sent.delete(seq);
      // Cluster keeps the callback of a message, with worker and handle, until its acknowledgement: this one frees it, and ends
      // in the connection's close(), which takes it back.
      child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack: seq, accepted: true });
      connection.giveBack();
    }
    if (dead) for (const held of desk.registry.all()) held.recover();
  }

  surroundListeners(child, 'internalMessage', before, after);
  announceChannelEnd(child);
  child.on('disconnect', gone);
  child.once('exit', gone);

  return () => {
    const keys = [...listens.keys()];
    leave();
    // Cluster ignores what such a worker wants to listen on from now on (queryServer).
    worker.exitedAfterDisconnect = true;
    for (const key of keys) child.emit('internalMessage', { cmd: 'NODE_CLUSTER', act: 'close', key });
  };
}

/** One listener in the place of all: each connection is two messages, and an event with several listeners copies their list. */
function surroundListeners(
  child: ChildProcess,
  event: string,
  before: (message: unknown) => void,
  after: (message: unknown) => void,
): void {
  const listeners = child.listeners(event);
  child.removeAllListeners(event);
  child.on(event, (message: unknown, handle: unknown) => {
    before(message);
    for (const listener of listeners) listener.call(child, message, handle);
    after(message);
  });
}

/**
 * Makes 'disconnect' follow the end of every channel. Node keeps it until the other side has acknowledged each handle that was sent,
 * even when it is at the end of the channel and nobody will (lib/internal/child_process.js, `disconnect` with a `_handleQueue`).
 * When the exit is known before that end, cluster would take the worker for alive for ever.
 */
function announceChannelEnd(child: ChildProcess): void {
  let announced = false;
  child.once('disconnect', () => {
    announced = true;
  });
  const { disconnect } = child;
  child.disconnect = () => {
    disconnect.call(child);
    // At the end of the channel Node calls this, then takes the channel away; called by somebody else it leaves it until the ACK.
    process.nextTick(() => {
      if (!announced && child.channel === null) child.emit('disconnect');
    });
  };
}
