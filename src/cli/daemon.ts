import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../protocol/calls.ts';
import { type Client, connect } from '../protocol/client.ts';
import { socketPathProblem } from '../protocol/ipc-file.ts';
import type { Event } from '../protocol/schemas.ts';
import { absolutePath } from './input/files.ts';
import { UsageError } from './input/usage-error.ts';
import type { Reporter } from './output/reporter.ts';
import { whyUnreachable } from './output/unreachable.ts';
import { sayNow } from './plugins/index.ts';
import { telling } from './plugins/telling.ts';

/** The absolute path of an ipc-file that is given relative to the directory of the command. Throws when a socket cannot have it. */
export function ipcPath(ipcName: string): string {
  const path = absolutePath(ipcName);
  const problem = socketPathProblem(path);
  if (problem !== undefined) throw new UsageError(problem);
  return path;
}

/**
 * Connects to the daemon at the ipc-file for as long as `use` takes. Says in naught's words why there is none; `pidFile`: where its pid
 * is looked for then.
 */
export async function withDaemon<Value>(
  ipcName: string,
  use: (client: Client) => Promise<Value>,
  pidFile?: string,
): Promise<Value> {
  const path = ipcPath(ipcName);
  const client = await connect(path);
  try {
    return await use(telling(client, path));
  } catch (error) {
    throw whyUnreachable(error, ipcName, path, pidFile);
  } finally {
    await client.close();
    sayNow();
  }
}

/** Returns the result of a call. `show` is given its events, each when it is done with the one before. */
export async function follow<Result, Yielded = Event>(
  call: Call<Result, Yielded>,
  show: (event: Yielded) => void | Promise<void> = () => {},
): Promise<Result> {
  for (;;) {
    const step = await call.next();
    if (step.done) return step.value;
    await show(step.value);
  }
}

/** The same for who may leave by Ctrl-C, if `may`: undefined, when that ended it. */
export async function followUntilLeft<Result, Yielded>(
  begin: (signal: AbortSignal) => Call<Result, Yielded>,
  show: (event: Yielded) => Promise<void>,
  may = true,
): Promise<Result | undefined> {
  const leaving = new AbortController();
  if (may) process.once('SIGINT', () => leaving.abort());
  try {
    return await follow(begin(leaving.signal), show);
  } catch (error) {
    if (leaving.signal.aborted) return undefined;
    throw error;
  }
}

/** Follows an operation to its end, as the reporter shows it. Throws what the call throws. */
export function operate<Result>(
  reporter: Reporter,
  client: Client,
  ipcName: string,
  call: Call<Result>,
): Promise<Result> {
  return reporter.operation(call, { ipcName, status: (signal) => follow(client.call('status', {}, { signal })) });
}

/** Milliseconds that a daemon is given to remove its ipc-file once its last worker is gone. */
const removalDeadline = 5000;
const pollInterval = 10;

/**
 * Returns a function that waits until the ipc-file is no longer the one that it is now. Too late is no error: the workers have left,
 * which is what was asked for.
 */
export function watchRemoval(ipcName: string): () => Promise<void> {
  const path = ipcPath(ipcName);
  const inode = inodeOf(path);
  return async () => {
    const deadline = performance.now() + removalDeadline;
    while (inode !== undefined && inodeOf(path) === inode && performance.now() < deadline) await sleep(pollInterval);
  };
}

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
