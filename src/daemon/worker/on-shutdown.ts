import cluster from 'node:cluster';
import { registry, runShutdownFunctions, type ShutdownFunction } from './registry.ts';

/**
 * Calls `fn` once when the process is to leave: under naught on 'shutdown', otherwise on SIGTERM or SIGINT (a second signal
 * ends it as usual). The application then leaves by itself: naught stops the listening, makes every response say `Connection: close`
 * (unless `--drain app`), and waits for the process to end, for as long as `--drain-timeout` or for ever. When `fn` throws or its
 * promise is rejected, the error is printed and the process exits 1, after the other functions.
 */
export function onShutdown(fn: ShutdownFunction): void {
  const known = registry();
  if (known.leaving) {
    queueMicrotask(fn);
    return;
  }
  known.onShutdown.add(fn);
  if (!known.preload && known.onShutdown.size === 1) withoutPreload();
}

/** `naught` 1.x, another node:cluster primary, or none. */
function withoutPreload(): void {
  const leave = () => {
    if (!registry().leaving) runShutdownFunctions();
  };
  process.once('SIGTERM', leave);
  process.once('SIGINT', leave);
  if (cluster.isWorker) process.on('message', (message) => message === 'shutdown' && leave());
}
