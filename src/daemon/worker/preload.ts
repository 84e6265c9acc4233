/**
 * Runs inside the worker before the user's code (`node --require`): says when it is ready, and takes it out of service without losing a
 * request. Has no effect anywhere else, patches nothing, and costs a request what it is to count its answer (see load/answers.ts).
 */
import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import type { Server } from 'node:net';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { mismatch } from '../build.ts';
import { optionsVariable, type WorkerOptions } from '../worker-link.ts';
import { Drain } from './drain/drain.ts';
import { Leaving } from './drain/leaving.ts';
import { Servers } from './drain/servers.ts';
import { Upgrades } from './drain/upgrades.ts';
import { Answers } from './load/answers.ts';
import { reportLoad } from './load/load.ts';
import { Probes } from './probe/probes.ts';
import { registry } from './registry.ts';
import { listenForOrders, report } from './report-pipe.ts';

const options = takeOptions();
if (options) begin(options);

function begin(options: WorkerOptions): void {
  const problem = mismatch('preload', options);
  if (problem !== undefined) {
    console.error(problem);
    process.exit(1);
  }
  forgetPreload(__filename);
  process.title = options.title;
  findBinary();
  blockingOutput();
  if (options.ignoreInterrupt) process.on('SIGINT', () => {});
  registry().preload = true;
  const servers = new Servers();
  servers.on('listening', ({ server }) => report({ type: 'serving', ...whereOf(server) }));
  reportLoad(new Answers(servers));
  const leaving = new Leaving(servers, new Drain(servers, new Upgrades(servers), options), options);
  const probes = new Probes(servers);
  listenForOrders((order) => (order.type === 'probe' ? void probes.ask(order) : leaving.obey(order)));
}

/**
 * The options of this worker; undefined where the preload has nothing to do: in worker threads, which inherit `--require`, and
 * in any other process. They are deleted from the environment, so that the worker's own children never see them.
 */
function takeOptions(): WorkerOptions | undefined {
  const text = process.env[optionsVariable];
  delete process.env[optionsVariable];
  if (!text || !isMainThread || !cluster.isWorker) return undefined;
  return JSON.parse(text);
}

/**
 * Takes `--require preload.cjs` out of process.execArgv, which child_process.fork() hands on: a grandchild needs no preload, and
 * must start even when an upgrade of naught has removed this file meanwhile.
 */
function forgetPreload(file: string): void {
  const [option, required] = process.execArgv;
  // By name: the path may lead through symbolic links.
  if (option === '--require' && basename(required ?? '') === basename(file)) process.execArgv.splice(0, 2);
}

/**
 * Where the binary that this process runs was removed before it was started, the system calls it `node (deleted)`: an application could
 * start no process by process.execPath. A child finds it by its own /proc/self/exe.
 */
function findBinary(): void {
  if (process.execPath.endsWith(' (deleted)') && !existsSync(process.execPath)) process.execPath = '/proc/self/exe';
}

/** Output is written before a call returns, as to a file: nothing is lost when the worker exits or crashes right after it. */
function blockingOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    (stream as { _handle?: { setBlocking?(blocking: boolean): void } | null })._handle?.setBlocking?.(true);
  }
}

function whereOf(server: Server): { path: string } | { address: string; port: number } {
  const where = server.address();
  if (where === null || typeof where === 'string') return { path: where ?? '' };
  return { address: where.address, port: where.port };
}
