import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { Call } from '../protocol/calls.ts';
import { type Client, connect, connectCode, noAnswer } from '../protocol/client.ts';
import { socketPathProblem } from '../protocol/ipc-file.ts';
import type { Event } from '../protocol/schemas.ts';
import { UsageError } from './input/usage-error.ts';
import { notRunning, stale, unreachable } from './output/messages.ts';
import { refusedReason } from './owner.ts';

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

/** Shows the events of a call until its result. */
export async function follow<Result>(call: Call<Result>, show: (event: Event) => void): Promise<Result> {
  for (;;) {
    const step = await call.next();
    if (step.done) return step.value;
    show(step.value);
  }
}

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
