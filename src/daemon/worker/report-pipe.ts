import { fstatSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { reportFd, type WorkerOrder, type WorkerReport } from '../worker-link.ts';

/** No order is longer: what is, was not written by the supervisor. */
const longestOrder = 1_000;

const identity = identify();

/** Milliseconds until the supervisor, which has not read for a long time, is told again. */
const retryMs = 100;

/** What there was no room for. */
let unsent = Buffer.alloc(0);

/** Reports that are outdated by the next of their kind. */
const passing: WorkerReport['type'][] = ['load', 'holding'];

/** Tells the supervisor. Synchronous, because the worker may be about to exit; never throws, because nobody may be listening any more. */
export function report(line: WorkerReport): void {
  if (!reaches() || (unsent.length > 0 && passing.includes(line.type))) return;
  unsent = Buffer.concat([unsent, Buffer.from(`${JSON.stringify(line)}\n`)]);
  send();
}

function send(): void {
  try {
    while (unsent.length > 0 && reaches()) unsent = unsent.subarray(writeSync(reportFd, unsent));
  } catch (error) {
    // EPIPE: the supervisor is gone.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') setTimeout(send, retryMs).unref();
    else unsent = Buffer.alloc(0);
  }
}

/** Whether the supervisor is at the other end: the application may have closed the descriptor, and use its number for a file of its own. */
export function reaches(): boolean {
  return identity !== null && identify() === identity;
}

/** Calls `onOrder` for each order of the supervisor. Holds no process. */
export function listenForOrders(onOrder: (order: WorkerOrder) => void): void {
  if (identity === null) return;
  let rest = '';
  const socket = new Socket({ fd: reportFd, readable: true, writable: false });
  // The supervisor is gone: the channel tells.
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = (lines.pop() ?? '').slice(-longestOrder);
    for (const line of lines) {
      const order = parse(line);
      if (order) onOrder(order);
    }
  });
  socket.unref();
}

function parse(line: string): WorkerOrder | null {
  try {
    const order = JSON.parse(line);
    return typeof order?.type === 'string' ? order : null;
  } catch {
    return null;
  }
}

function identify(): string | null {
  try {
    // As bigint: Node 20's realpathSync, by which modules are found, goes by the last number that an fstat has left behind, and
    // resolves no symbolic link after the one of a socket.
    const stats = fstatSync(reportFd, { bigint: true });
    return stats.isSocket() ? `${stats.dev} ${stats.ino}` : null;
  } catch {
    return null;
  }
}
