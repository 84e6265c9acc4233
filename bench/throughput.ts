import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Daemon } from './loss/daemon.ts';
import { freePort } from './port.ts';

/**
 * What naught costs a request: requests/s of two workers under naught against the same server under bare node:cluster, in turn in one
 * run, as the ratio of the medians. And what it costs a deploy: the time that a deploy of idle workers takes beyond the boot of the
 * new ones. Exits 1 beyond a limit.
 *
 *   npm run bench:throughput -- [rounds]
 */
const rounds = Number(process.argv[2] ?? 21);
const roundMs = 1_500;
const warmUps = 2;
const ratioLimit = 0.98;
const deployLimitMs = 200;
const connections = 32;

const script = resolve('examples/http/server.js');

if (process.argv[2] === '--load') load();
else await main();

interface Contender {
  name: string;
  port: number;
  workers: number[];
  /** Requests per second, and microseconds of the workers' CPU per request, round by round. */
  rates: number[];
  costs: number[];
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'naught-throughput-'));
  const server = { name: 'http', script, kinds: [] };
  try {
    await using daemon = await Daemon.start({ dir, node: process.execPath, server, workers: 2 });
    await measureDeploys(daemon);
    const { workers } = await daemon.status();
    const { port } = daemon.target as { port: number };
    const bare = await bareCluster(dir);
    const pids = workers.flatMap(({ pid }) => pid ?? []);
    const naught = { name: 'naught', port, workers: pids, rates: [], costs: [] };
    await measureRequests(naught, { name: 'bare', ...bare, rates: [], costs: [] });
    process.kill(bare.pid);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measureRequests(naught: Contender, bare: Contender): Promise<void> {
  const client = fork(process.argv[1] as string, ['--load'], { execArgv: [] });
  const measure = async ({ port, workers, rates, costs }: Contender) => {
    const before = sum(workers.map(cpuMs));
    client.send(port);
    const [requests] = await once(client, 'message');
    rates.push((requests / roundMs) * 1_000);
    costs.push(((sum(workers.map(cpuMs)) - before) / requests) * 1_000);
  };
  for (let round = -warmUps; round < rounds; round++) {
    for (const contender of round % 2 === 0 ? [naught, bare] : [bare, naught]) await measure(contender);
  }
  client.disconnect();
  const rate = ({ rates }: Contender) => median(rates.slice(warmUps));
  const cost = ({ costs }: Contender) => median(costs.slice(warmUps));
  const ratio = rate(naught) / rate(bare);
  console.log(
    `requests/s: ${rate(naught).toFixed(0)} under naught, ${rate(bare).toFixed(0)} under bare node:cluster; ` +
      `ratio ${ratio.toFixed(3)}; limit ${ratioLimit}`,
  );
  console.log(`CPU of the workers per request: ${cost(naught).toFixed(1)} us, ${cost(bare).toFixed(1)} us`);
  if (ratio < ratioLimit) process.exitCode = 1;
}

/** What a process has used so far, in milliseconds (from /proc, in ticks of 10 ms). */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** By the times of the daemon's own events: the first SpawnNew, the last NewOnline, the last OldExit. */
async function measureDeploys(daemon: Daemon): Promise<void> {
  const boots: number[] = [];
  const rests: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const events = await daemon.deploy();
    const at = (name: string, last: boolean) => {
      const times = events.filter(({ event }) => event === name).map(({ time }) => Date.parse(time));
      return last ? Math.max(...times) : Math.min(...times);
    };
    boots.push(at('NewOnline', true) - at('SpawnNew', false));
    rests.push(at('OldExit', true) - at('NewOnline', true));
  }
  const rest = median(rests);
  console.log(
    `deploy of 2 idle workers: boot ${median(boots)} ms, and then ${rest} ms (worst ${Math.max(...rests)}); limit ${deployLimitMs}`,
  );
  if (rest > deployLimitMs) process.exitCode = 1;
}

/** In a session of its own, as a daemon is: Linux shares out the CPU by session. */
async function bareCluster(dir: string): Promise<{ pid: number; port: number; workers: number[] }> {
  const primary = join(dir, 'primary.cjs');
  writeFileSync(
    primary,
    `const cluster = require('node:cluster');
cluster.setupPrimary({ exec: ${JSON.stringify(script)} });
let listening = 0;
cluster.on('listening', () => ++listening === 2 && process.send(Object.values(cluster.workers).map((w) => w.process.pid)));
for (let worker = 0; worker < 2; worker++) cluster.fork();\n`,
  );
  const port = await freePort();
  const env = { ...process.env, PORT: String(port) };
  const child = fork(primary, { env, detached: true, stdio: 'ignore', execArgv: [] });
  const [workers] = await once(child, 'message');
  return { pid: child.pid as number, port, workers };
}

/** In a process of its own: for each port that it is told, as many requests as go through connections in one round. */
function load(): void {
  process.on('message', (port: number) => {
    let requests = 0;
    const request = 'GET / HTTP/1.1\r\nHost: test\r\n\r\n';
    const sockets = Array.from({ length: connections }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write(request));
      // The response is short, and comes in one piece.
      socket.on('data', () => {
        requests += 1;
        socket.write(request);
      });
      return socket.setNoDelay(true);
    });
    setTimeout(() => {
      for (const socket of sockets) socket.destroy();
      process.send?.(requests);
    }, roundMs);
  });
  process.on('disconnect', () => process.exit());
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
