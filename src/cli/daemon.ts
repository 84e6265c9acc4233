import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import type { Call } from '../protocol/calls.ts';
import { type Client, connect, connectCode, noAnswer } from '../protocol/client.ts';
import { socketPathProblem } from '../protocol/ipc-file.ts';
import type { Event } from '../protocol/schemas.ts';
import { UsageError } from './input/usage-error.ts';
import { notRunning, stale, unreachable } from './output/messages.ts';

/** The absolute path of an ipc-file that is given relative to the directory of the command. Throws when a socket cannot have it. */
export function ipcPath(ipcName: string): string {
  const path = resolve(ipcName);
  const problem = socketPathProblem(path);
  if (problem !== undefined) throw new UsageError(problem);
  return path;
}

/** Connects to the daemon at the ipc-file for as long as `use` takes. Says in naught's words why there is none. */
export async function withDaemon<Value>(ipcName: string, use: (client: Client) => Promise<Value>): Promise<Value> {
  keepParserCheap();
  const client = await connect(ipcPath(ipcName));
  try {
    return await use(client);
  } catch (error) {
    throw explain(error, ipcName);
  } finally {
    await client.close();
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

/**
 * undici's HTTP parser is WebAssembly, which V8 begins to optimize after a few hundred bytes, for 0.1 s of CPU that Node waits for
 * when it exits: longer than the rest of a command. This raises the amount that is to be parsed first (a few KB by default).
 */
function keepParserCheap(): void {
  setFlagsFromString('--wasm-tiering-budget=1000000000');
}

function explain(error: unknown, ipcName: string): unknown {
  const code = connectCode(error);
  if (code === undefined) return error;
  if (code === 'ENOENT') return notRunning(error);
  // A socket that nobody listens on, or a file that is no socket at all (ENOTSOCK on macOS).
  if (code === 'ECONNREFUSED' || code === 'ENOTSOCK') return stale(ipcName, error);
  if (code === noAnswer) return unreachable(ipcName, 'what listens there went away, or is not naught', error);
  if (code === 'EACCES') return unreachable(ipcName, refusedReason(ipcPath(ipcName)), error);
  return unreachable(ipcName, code, error);
}

/** Why a path that the system refuses is not ours to use, and what to do about it. */
function refusedReason(path: string): string {
  const uid = ownerOf(path);
  if (uid === undefined) return 'permission denied: a directory on its path belongs to another user';
  if (uid === process.getuid?.()) return 'permission denied, although it is yours: see its mode';
  const name = nameOf(uid);
  return `it belongs to ${name ?? `the user id ${uid}`}: run this as that user, with sudo -u ${name ?? `'#${uid}'`}`;
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path).uid;
  } catch {
    return undefined;
  }
}

/** undefined where the machine's own list of users does not have it, as in a container. */
function nameOf(uid: number): string | undefined {
  try {
    const users = readFileSync('/etc/passwd', 'utf8').split('\n');
    return users.map((user) => user.split(':')).find(([, , id]) => id === String(uid))?.[0];
  } catch {
    return undefined;
  }
}
