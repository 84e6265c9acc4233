import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { cpuTime } from '../logs/daemon.ts';
import { freePort } from '../port.ts';
import { sum } from '../throughput/statistics.ts';
import { Bare } from './bare.ts';
import { Naught } from './naught.ts';
import { ended, started } from './running.ts';

const workers = 2;
const clients = 16;
const turnMs = 400;
const warmUps = 2;
const turns = 10;
/** Each with new processes: two of one program differ by several percent for as long as they live. */
const rounds = 9;

type What = 'connection' | 'request';

const limits: Record<What, number> = { connection: 1.03, request: 1.02 };

/** CPU of all processes of a side, in microseconds: its primary or supervisor, and its workers. */
export interface Cost {
  what: What;
  naught: number;
  bare: number;
  ratio: number;
  limit: number;
}

export async function measureCost(): Promise<Cost[]> {
  const load = fork(process.argv[1] as string, ['--load'], { execArgv: [] });
  const costs: Record<What, { naught: number; bare: number }[]> = { connection: [], request: [] };
  try {
    for (let round = 0; round < rounds; round++) {
      const naught = started(await Naught.start(workers, 0));
      const bare = started(new Bare(await freePort(), 0));
      const sides = {
        naught: { port: naught.port, pids: [naught.pid, ...(await naught.workers())] },
        bare: { port: bare.port, pids: [bare.pid, ...(await bare.boot(workers, workers))] },
      };
      for (const what of ['connection', 'request'] as const) costs[what].push(await inTurn(load, what, sides));
      await ended(naught);
      await ended(bare);
    }
  } finally {
    load.kill('SIGKILL');
  }
  return (['connection', 'request'] as const).map((what) => ({ what, ...meanOf(costs[what]), limit: limits[what] }));
}

interface Side {
  port: number;
  pids: number[];
}

async function inTurn(load: ChildProcess, what: What, sides: { naught: Side; bare: Side }) {
  const used = { naught: { cpu: 0, times: 0 }, bare: { cpu: 0, times: 0 } };
  for (let turn = -warmUps; turn < turns; turn++) {
    for (const name of ['naught', 'bare'] as const) {
      const { port, pids } = sides[name];
      const before = sum(pids.map(cpuTime));
      load.send({ port, keep: what === 'request' });
      const [times] = await once(load, 'message');
      if (turn < 0) continue;
      used[name].cpu += sum(pids.map(cpuTime)) - before;
      used[name].times += times;
    }
  }
  const each = ({ cpu, times }: { cpu: number; times: number }) => (cpu * 1000) / times;
  return { naught: each(used.naught), bare: each(used.bare) };
}

function meanOf(pairs: { naught: number; bare: number }[]) {
  const mean = (values: number[]) => Math.exp(sum(values.map(Math.log)) / values.length);
  const [naught, bare] = [mean(pairs.map((pair) => pair.naught)), mean(pairs.map((pair) => pair.bare))];
  return { naught, bare, ratio: naught / bare };
}

/** What the load process does: one turn for each message, answered with how many requests were. */
export function runLoad(): void {
  process.on('message', async ({ port, keep }: { port: number; keep: boolean }) => {
    const until = performance.now() + turnMs;
    const counts = await Promise.all(Array.from({ length: clients }, () => client(port, keep, until)));
    process.send?.(sum(counts));
  });
  process.on('disconnect', () => process.exit());
}

async function client(port: number, keep: boolean, until: number): Promise<number> {
  const request = `GET / HTTP/1.1\r\nHost: test\r\nConnection: ${keep ? 'keep-alive' : 'close'}\r\n\r\n`;
  let socket: Socket | null = null;
  let count = 0;
  while (performance.now() < until) {
    socket ??= connect(port, '127.0.0.1').on('error', () => {});
    socket.write(request);
    // The answer is short, and comes in one piece.
    await once(socket, 'data');
    count += 1;
    if (keep) continue;
    await once(socket.resume(), 'close');
    socket = null;
  }
  socket?.destroy();
  return count;
}
