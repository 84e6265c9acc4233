import { resolve } from 'node:path';
import type { Status } from '../../src/protocol/status-schemas.ts';
import { parseResponse } from './client/response.ts';
import { Wire } from './client/wire.ts';
import type { Clients } from './clients.ts';
import { type Daemon, eventually } from './daemon.ts';
import type { Doomed } from './doomed.ts';
import { childrenOf, isAlive, killAndTrace } from './processes.ts';

export interface Arena {
  daemon: Daemon;
  clients: Clients;
  /** What killed workers had accepted: those requests may be lost, and no others. */
  doomed: Doomed;
  /** Every kind of client has been answered a few times since. */
  answered(): Promise<void>;
}

/** A column of the table. */
export interface LossEvent {
  name: string;
  workers: number;
  /** How often it happens, and in the short form. */
  times: { full: number; short: number };
  /** Only to servers that name it: they know how to make it happen. */
  special?: boolean;
  run(arena: Arena, times: number): Promise<void>;
}

const half = resolve('bench/loss/servers/half.js');
/** A release that serves, and does not last through its bake. */
const undone = ['--bake', '60', '--script', half, '--', 'leave'];

export const events: LossEvent[] = [
  {
    name: 'deploy',
    workers: 2,
    times: { full: 30, short: 3 },
    run: repeatedly(({ daemon }) => daemon.run(['deploy'])),
  },
  {
    name: 'grow, shrink',
    workers: 2,
    times: { full: 6, short: 1 },
    run: repeatedly(async ({ daemon }) => {
      for (const count of ['4', '1', '2']) await daemon.run(['deploy', '--worker-count', count]);
    }),
  },
  {
    name: 'aborted deploy',
    workers: 2,
    times: { full: 5, short: 1 },
    run: repeatedly(({ daemon }) => abortedDeploy(daemon)),
  },
  {
    name: 'failed deploy',
    workers: 2,
    times: { full: 5, short: 1 },
    run: repeatedly(({ daemon }) => failedDeploy(daemon)),
  },
  {
    name: 'rolling deploy',
    workers: 2,
    times: { full: 6, short: 1 },
    run: repeatedly(({ daemon }) => daemon.run(['deploy', '--surge', '1'])),
  },
  {
    name: 'canary undone',
    workers: 2,
    times: { full: 5, short: 1 },
    run: repeatedly(({ daemon }) => daemon.run(['deploy', '--canary', '1', ...undone], 1)),
  },
  {
    name: 'release undone',
    workers: 2,
    times: { full: 5, short: 1 },
    run: repeatedly(({ daemon }) => daemon.run(['deploy', '--surge', '1', ...undone], 1)),
  },
  {
    name: 'rollback',
    workers: 2,
    times: { full: 6, short: 1 },
    run: repeatedly(async ({ daemon }) => {
      for (const command of ['deploy', 'rollback']) await daemon.run([command]);
    }),
  },
  {
    name: 'control killed',
    workers: 2,
    times: { full: 5, short: 2 },
    run: repeatedly(({ daemon }) => killControl(daemon)),
  },
  {
    name: '1 of 4 killed',
    workers: 4,
    times: { full: 10, short: 2 },
    run: repeatedly((arena, time) => killWorkers(arena, 4, [time % 4])),
  },
  {
    name: 'the only one killed',
    workers: 1,
    times: { full: 4, short: 2 },
    run: repeatedly((arena) => killWorkers(arena, 1, [0])),
  },
  {
    name: 'all killed at once',
    workers: 2,
    times: { full: 3, short: 1 },
    run: repeatedly((arena) => killWorkers(arena, 2, [0, 1])),
  },
  {
    name: 'crash, guarded',
    workers: 2,
    times: { full: 6, short: 2 },
    special: true,
    run: repeatedly(({ daemon }) => crash(daemon)),
  },
  {
    name: 'offline',
    workers: 2,
    times: { full: 6, short: 2 },
    special: true,
    run: repeatedly(({ daemon }) => offline(daemon)),
  },
  {
    name: 'SIGTERM to a worker',
    workers: 2,
    times: { full: 6, short: 2 },
    run: repeatedly(({ daemon }) => terminateWorker(daemon)),
  },
  {
    name: 'SIGTERM to all',
    workers: 2,
    times: { full: 1, short: 1 },
    run: lastly(({ pid }) => process.kill(-pid, 'SIGTERM')),
  },
  {
    name: 'stop',
    workers: 2,
    times: { full: 1, short: 1 },
    run: lastly((daemon) => daemon.run(['stop'])),
  },
  {
    name: 'supervisor killed',
    workers: 2,
    times: { full: 1, short: 1 },
    run: lastly(({ pid }) => process.kill(pid, 'SIGKILL')),
  },
];

function repeatedly(event: (arena: Arena, time: number) => Promise<void>): LossEvent['run'] {
  return async (arena, times) => {
    for (let time = 0; time < times; time++) {
      await event(arena, time);
      await arena.answered();
    }
  };
}

/** One new worker serves already when the deploy is given up. */
async function abortedDeploy(daemon: Daemon): Promise<void> {
  const deploy = daemon.spawn(['deploy', '--script', half, '--', 'hang']);
  await eventually('NewOnline', () => deploy.said('NewOnline') || null);
  await daemon.run(['deploy-abort']);
  await deploy.ended(1);
}

function failedDeploy(daemon: Daemon): Promise<void> {
  return daemon.run(['deploy', '--script', half, '--', 'die'], 1);
}

async function killControl(daemon: Daemon): Promise<void> {
  const { workers } = await daemon.status();
  const control = childrenOf(daemon.pid).find((pid) => workers.every((worker) => worker.pid !== pid));
  if (control === undefined) throw new Error('no control process');
  process.kill(control, 'SIGKILL');
  await daemon.settled(workers.length);
}

async function killWorkers({ daemon, doomed }: Arena, count: number, slots: number[]): Promise<void> {
  const { workers } = await daemon.settled(count);
  const pids = workers.flatMap(({ slot, pid }) => (pid !== undefined && slots.includes(slot) ? [pid] : []));
  doomed.add(await killAndTrace(pids));
  await daemon.settled(count, pids);
}

/** The request that throws is answered 500; its worker is replaced. */
async function crash(daemon: Daemon): Promise<void> {
  const before = await daemon.settled(2);
  await ask(daemon, '/crash', 500);
  await replaced(daemon, before);
}

async function offline(daemon: Daemon): Promise<void> {
  const before = await daemon.settled(2);
  await ask(daemon, '/offline', 200);
  await replaced(daemon, before);
}

async function terminateWorker(daemon: Daemon): Promise<void> {
  const before = await daemon.settled(2);
  process.kill(before.workers[0]?.pid ?? 0, 'SIGTERM');
  await replaced(daemon, before);
}

async function ask(daemon: Daemon, path: string, status: number): Promise<void> {
  const wire = new Wire(daemon.target);
  wire.write(`GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`);
  const answer = await wire.next(parseResponse);
  wire.close();
  if (!('value' in answer) || answer.value.status !== status) throw new Error(`${path}: ${JSON.stringify(answer)}`);
}

/** Waits until another worker serves in the place of one of these two, which has left. */
async function replaced(daemon: Daemon, before: Status): Promise<void> {
  const pids = before.workers.map(({ pid }) => pid);
  await eventually('a replacement', async () => {
    const { count, workers } = await daemon.status();
    return count.online === 2 && count.dying === 0 && workers.some(({ pid }) => !pids.includes(pid)) ? true : null;
  });
}

/** How long a connection may be on its way from the supervisor to a worker, in milliseconds. */
const handOver = 100;

/** What the workers have is finished; then everybody has left, and the server can be started again where it was. */
function lastly(end: (daemon: Daemon) => unknown): LossEvent['run'] {
  return async ({ daemon, clients }) => {
    const { pid } = daemon;
    const everybody = [pid, ...childrenOf(pid)];
    await clients.last();
    await new Promise((done) => setTimeout(done, handOver));
    await end(daemon);
    await clients.gone();
    await eventually('their end', () => (everybody.some(isAlive) ? null : true));
    await daemon.start();
  };
}
