import { once } from 'node:events';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { cpuTime, median, startDaemon } from './daemon.ts';
import { Inspector } from './inspector.ts';

const rate = 50_000_000;
const rounds = 5;
const secondsEach = 4;
/** New connections a second, which the supervisor accepts and hands to the workers. */
const requests = 200;

/** CPU milliseconds a second, and the p99 of the event loop's delay in milliseconds. */
interface Sample {
  cpu: number;
  delay: number;
}

/** Medians. */
export interface Noticed {
  logs: Sample;
  /** The worker writes as much to a file beside naught, through a pipe and another process: the machine is as busy. */
  aside: Sample;
  /** The worker writes as much to /dev/null. */
  nothing: Sample;
}

/** What the supervisor notices of a worker that writes 50 MB/s, while it accepts connections. */
export async function measureSupervisor(): Promise<Noticed> {
  const samples: Record<keyof Noticed, Sample[]> = { logs: [], aside: [], nothing: [] };
  for (let round = 0; round < rounds; round++) {
    samples.nothing.push(await sample({}, '--stdout', '/dev/null'));
    samples.aside.push(await sample({ ASIDE: 'aside.log' }, '--stdout', '/dev/null'));
    samples.logs.push(await sample({}, '--max-log-size', '10000000000'));
  }
  const middle = (each: Sample[]): Sample => ({
    cpu: median(each.map(({ cpu }) => cpu)),
    delay: median(each.map(({ delay }) => delay)),
  });
  return { logs: middle(samples.logs), aside: middle(samples.aside), nothing: middle(samples.nothing) };
}

async function sample(environment: Record<string, string>, ...options: string[]): Promise<Sample> {
  const [port, inspectPort] = [await freePort(), await freePort()];
  // Node opens its inspector at SIGUSR1: the event loop is measured from inside without a line of it in the product.
  const inspect = { NODE_OPTIONS: `--inspect-port=${inspectPort}` };
  const env = { PORT: String(port), RATE: String(rate), PER_WRITE: '100', ...inspect, ...environment };
  const daemon = await startDaemon(env, '--worker-count', '2', ...options);
  try {
    const inspector = await Inspector.attach(daemon.supervisor, inspectPort);
    await inspector.evaluate(
      "globalThis.delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 1 }); delay.enable()",
    );
    await load(port, 0.5);
    await inspector.evaluate('delay.reset()');
    const before = cpuTime(daemon.supervisor);
    await load(port, secondsEach);
    const cpu = (cpuTime(daemon.supervisor) - before) / secondsEach;
    const delay = Number(await inspector.evaluate('delay.percentile(99)')) / 1e6;
    inspector.close();
    return { cpu, delay };
  } finally {
    await daemon.stop();
  }
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
  const [response] = await once(get({ port, host: '127.0.0.1', agent: false }), 'response');
  await once(response.resume(), 'end');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
