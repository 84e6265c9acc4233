import type { Socket } from 'node:net';
import type { ToControl, ToSupervisor } from '../control-link.ts';
import type { PipeHandle } from '../reading-end.ts';
import { Control } from './control.ts';

/**
 * The control process: API, followers and log files. The supervisor starts it, and starts it again when it dies; its messages
 * are handled one after the other, because the first one opens the logs.
 */
let control: Control | null = null;
let turn: Promise<void> = Promise.resolve();

process.title = 'naught: control';
// The terminal sends these to the whole foreground group; control ends when the supervisor says so, or is gone. With a listener
// SIGUSR1 does not open Node's debugger.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const) process.on(signal, () => {});

process.on('message', (message: ToControl, given?: Socket | PipeHandle) => {
  // Before everything that waits for its turn: a log may wait for a disk, or for the reader of a FIFO.
  if (message.type === 'ping') process.send?.({ type: 'pong' } satisfies ToSupervisor, undefined, {}, () => {});
  else turn = turn.then(() => handle(message, given)).catch(fail);
});
process.on('disconnect', () => {
  turn = turn.then(() => (control ? control.orphaned() : process.exit(0))).catch(fail);
});

async function handle(message: Exclude<ToControl, { type: 'ping' }>, given?: Socket | PipeHandle): Promise<void> {
  if (message.type === 'attach') control = await Control.attach(message);
  else control?.receive(message, given);
}

/** What is left undone here the next control process does. */
function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`, () => process.exit(1));
}
