import cluster from 'node:cluster';
import { registry, runShutdownFunctions, type ShutdownFunction } from '../registry.ts';

/**
 * Calls `fn` once when the process is to leave. Under naught that is on 'shutdown', when the worker is drained (with `--drain app`
 * at once): the application then leaves by itself; naught waits for the process to end, for as long as `--drain-timeout` or for
 * ever. Without naught it is on SIGTERM or SIGINT, and the process ends by that signal when
 * what all functions return has settled, unless the program listens to the signal too; a second signal ends it as usual. When `fn`
 * throws or its promise is rejected, the error is printed and the process exits 1, after the other functions.
 */
export function onShutdown(fn: ShutdownFunction): void {
  const known = registry();
  if (known.leaving) {
    queueMicrotask(fn);
    return;
  }
  if (!known.preload && known.onShutdown.size === 0) withoutPreload();
  known.onShutdown.add(fn);
}

const signals = ['SIGTERM', 'SIGINT'] as const;

/** `naught` 1.x, another node:cluster primary, or none. */
function withoutPreload(): void {
  const run = () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('message', onMessage);
    return runShutdownFunctions();
  };
  const onSignal = async (signal: NodeJS.Signals) => {
    // Before the others' own handlers have run: those of `once()` are gone afterwards.
    const alone = process.listenerCount(signal) === 1;
    await run();
    if (alone) process.kill(process.pid, signal);
  };
  // The primary closes the channel, and with it the listening; what is left ends by itself.
  const onMessage = (message: unknown) => {
    if (message === 'shutdown') void run();
  };
  for (const signal of signals) process.prependListener(signal, onSignal);
  if (cluster.isWorker) process.on('message', onMessage);
}
