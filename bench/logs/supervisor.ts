import { once } from 'node:events';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { cpuTime, median, startDaemon } from './daemon.ts';
import { Inspector } from './inspector.ts';

const rate = 50_000_000;
/** Windows with logs and windows without, in turn, so that what else the machine does falls on both. */
const rounds = 20;
const secondsEach = 1;
/** New connections a second, which the supervisor accepts and hands to the workers. */
const requests = 200;
/** A request that takes longer than this, in milliseconds, hangs. */
const hungMs = 15_000;

/** CPU milliseconds a second, and the p99 of the event loop's delay in milliseconds. */
interface Sample {
  cpu: number;
  delay: number;
}

/** Medians of the windows. */
export interface Noticed {
  logs: Sample;
  /** Its worker is silent. */
  nothing: Sample;
}

type Window = keyof Noticed;

/** What the supervisor notices of a worker that writes 50 MB/s, while it accepts connections. */
export async function measureSupervisor(): Promise<Noticed> {
  const [port, inspectPort] = [await freePort(), await freePort()];
  // The event loop is measured from inside, without a line of it in the product.
  const inspect = Inspector.environment('supervisor', inspectPort);
  const env = { PORT: String(port), RATE: String(rate), PER_WRITE: '100', ...inspect };
  const daemon = await startDaemon(env, '--worker-count', '2', '--max-log-size', '10000000000');
  const samples: Record<Window, Sample[]> = { logs: [], nothing: [] };
  try {
    const inspector = await Inspector.attach(inspectPort);
    await inspector.evaluate(prepare);
    await load(port, secondsEach);
    for (let round = 0; round < rounds; round++) {
      for (const window of ['nothing', 'logs'] as const) {
        await inspector.evaluate('delay.reset()');
        const before = cpuTime(daemon.supervisor);
        await load(port, secondsEach);
        const cpu = (cpuTime(daemon.supervisor) - before) / secondsEach;
        const delay = Number(await inspector.evaluate('delay.percentile(99)')) / 1e6;
        samples[window].push({ cpu, delay });
        process.kill(daemon.server, 'SIGUSR2');
      }
    }
    inspector.close();
    return { logs: middle(samples.logs), nothing: middle(samples.nothing) };
  } finally {
    await daemon.stop();
  }
}

const prepare =
  "globalThis.delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 }); delay.enable()";

function middle(samples: Sample[]): Sample {
  return { cpu: median(samples.map(({ cpu }) => cpu)), delay: median(samples.map(({ delay }) => delay)) };
}

/** Requests at a steady rate, each on a connection of its own. */
async function load(port: number, seconds: number): Promise<void> {
  const open: Promise<void>[] = [];
  const began = performance.now();
  for (let sent = 0; sent < requests * seconds; sent++) {
    const due = began + (sent * 1000) / requests - performance.now();
    if (due > 1) await setTimeout(due);
    open.push(request(port));
  }
  await Promise.all(open);
}

async function request(port: number): Promise<void> {
  const signal = AbortSignal.timeout(hungMs);
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false, signal }), 'response');
  await once(response.resume(), 'end', { signal });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
