import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Daemon } from './loss/daemon.ts';
import { bareCluster } from './throughput/cluster.ts';
import { Contender, measureBoth } from './throughput/contender.ts';
import { measureInside } from './throughput/inside.ts';
import { load } from './throughput/load.ts';
import { median, sum } from './throughput/statistics.ts';

/**
 * What naught costs a request: requests/s of two workers under naught against the same server under bare node:cluster, in turn in one
 * run. Two processes of one program differ by several percent for as long as they live (what is compiled when, where things lie in
 * memory), so that each round has new workers on both sides, measured in many short turns; the ratio is the geometric mean of the
 * rounds. What it adds to a request within the worker is measured by itself, without the system, as part of the whole request: it is
 * less than the rates can show. And what it costs a deploy: the time that a deploy of idle workers takes beyond the boot of the new ones. Exits 1 beyond a
 * limit.
 *
 *   npm run bench:throughput -- [rounds]
 */
const rounds = Number(process.argv[2] ?? 21);
const ratioLimit = 0.98;
const addedLimit = 0.02;
const deployLimitMs = 200;

const script = resolve('examples/http/server.js');

if (process.argv[2] === '--load') load();
else await main();

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'naught-throughput-'));
  const server = { name: 'http', script, kinds: [] };
  const done: { naught: Contender; bare: Contender }[] = [];
  try {
    await using daemon = await Daemon.start({ dir, node: process.execPath, server, workers: 2 });
    await measureDeploys(daemon);
    for (let round = 0; round < rounds; round++) {
      await daemon.deploy();
      const { workers } = await daemon.status();
      const { port } = daemon.target as { port: number };
      const naught = new Contender(
        port,
        workers.flatMap(({ pid }) => pid ?? []),
      );
      using cluster = await bareCluster(dir, script);
      const bare = new Contender(cluster.port, cluster.workers);
      await measureBoth(round % 2 === 0 ? [naught, bare] : [bare, naught]);
      done.push({ naught, bare });
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  report(done);
  const whole = median(done.map(({ bare }) => bare.cost));
  const { naught, bare } = await measureInside();
  const added = (naught - bare) / whole;
  console.log(
    `CPU within the worker per request: ${naught.toFixed(2)} us, ${bare.toFixed(2)} us; added to ${whole.toFixed(1)} us: ${(added * 100).toFixed(1)} %; limit ${addedLimit * 100} %`,
  );
  if (added > addedLimit) process.exitCode = 1;
}

function report(done: { naught: Contender; bare: Contender }[]): void {
  const logs = done.map(({ naught, bare }) => Math.log(naught.rate / bare.rate));
  const mean = sum(logs) / logs.length;
  const error = Math.sqrt(sum(logs.map((log) => (log - mean) ** 2)) / (logs.length - 1) / logs.length);
  const ratio = Math.exp(mean);
  const of = (side: 'naught' | 'bare', what: 'rate' | 'cost') => median(done.map((round) => round[side][what]));
  console.log(
    `requests/s: ${of('naught', 'rate').toFixed(0)} under naught, ${of('bare', 'rate').toFixed(0)} under bare node:cluster; ` +
      `ratio ${ratio.toFixed(3)} (standard error ${error.toFixed(3)}); limit ${ratioLimit}`,
  );
  console.log(
    `CPU of the workers per request: ${of('naught', 'cost').toFixed(1)} us, ${of('bare', 'cost').toFixed(1)} us`,
  );
  if (ratio < ratioLimit) process.exitCode = 1;
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
