/**
 * What the preload and `naught2/worker` know of each other. They are separate bundles, and an application may have several copies
 * of the latter, so it is found under a symbol of the process.
 */
export interface WorkerRegistry {
  /** The preload drains this worker. */
  preload: boolean;
  /** 'online' has been said by `online()`. */
  online: boolean;
  /** The preload has stopped the listening, and lets the connections end. */
  draining: boolean;
  /** 'shutdown' has arrived, or the daemon is gone. */
  leaving: boolean;
  onShutdown: Set<ShutdownFunction>;
  /** Set by the preload: drain now, without waiting for the daemon. */
  leave?: () => void;
}

/** Called once, when the worker is asked to leave. */
export type ShutdownFunction = () => unknown;

const key = Symbol.for('naught2.worker');

/** The one registry of this process (and thread). */
export function registry(): WorkerRegistry {
  const holder = globalThis as { [key]?: WorkerRegistry };
  holder[key] ??= { preload: false, online: false, draining: false, leaving: false, onShutdown: new Set() };
  return holder[key];
}

/** Calls everything that was given to `onShutdown()`. When one of them fails, the error is printed and the exit code is 1. */
export async function runShutdownFunctions(): Promise<void> {
  const known = registry();
  known.leaving = true;
  const ends = await Promise.allSettled([...known.onShutdown].map(async (shutdown) => shutdown()));
  const failed = ends.filter((end) => end.status === 'rejected');
  for (const { reason } of failed) console.error(reason);
  if (failed.length > 0) process.exit(1);
}
