import cluster from 'node:cluster';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { optionsVariable, type WorkerOptions } from '../worker-link.ts';

/**
 * The options of this worker; undefined where the preload has nothing to do: in worker threads, which inherit `--require`, and
 * in any other process. They are deleted from the environment, so that the worker's own children never see them.
 */
export function takeOptions(): WorkerOptions | undefined {
  const text = process.env[optionsVariable];
  delete process.env[optionsVariable];
  if (!text || !isMainThread || !cluster.isWorker) return undefined;
  return JSON.parse(text);
}

/**
 * Takes `--require preload.cjs` out of process.execArgv, which child_process.fork() hands on: a grandchild needs no preload, and
 * must start even when an upgrade of naught has removed this file meanwhile.
 */
export function forgetPreload(file: string): void {
  const [option, required] = process.execArgv;
  // By name: the path may lead through symbolic links.
  if (option === '--require' && basename(required ?? '') === basename(file)) process.execArgv.splice(0, 2);
}
