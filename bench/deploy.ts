import { setTimeout as passed } from 'node:timers/promises';
import { bootsAtOnce } from '../src/daemon/supervisor/settings.ts';
import { usableCpus } from '../src/protocol/usable-cpus.ts';
import { Bare } from './deploy/bare.ts';
import { Clients, runClients, type Waits } from './deploy/clients.ts';
import { measureCost, runLoad } from './deploy/cost.ts';
import { Naught } from './deploy/naught.ts';
import { Pm2 } from './deploy/pm2.ts';
import { endAll, ended, started } from './deploy/running.ts';
import { freePort } from './port.ts';
import { median } from './throughput/statistics.ts';

/**
 * What a deploy does to those who are served meanwhile, beside the peers in turn in the same run: how long new connections wait while
 * 64 workers are replaced, and while 2 that use the CPU for 300 ms to boot are; how long the supervisor's loop stands still; how long
 * deploys of 1 to 64 workers take; what a connection and a request cost. Exits 1 beyond a limit.
 *
 *   npm run bench:deploy -- [waits] [times] [boots] [cost]
 */
const rounds = 3;
const pauseMs = 500;
/** From the beginning of either deploy, which both are shorter than: so that a thousandth is the same on both sides. */
const watchedMs = 4_000;
const failures: string[] = [];
const atOnce = bootsAtOnce(usableCpus());

const parts: Record<string, () => Promise<void>> = { waits, times, boots, cost };

const [word] = process.argv.slice(2);
if (word === '--clients') runClients();
else if (word === '--load') runLoad();
else await main(process.argv.slice(2));

async function main(chosen: string[]): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void endAll().finally(() => process.exit(1)));
  }
  for (const [name, part] of Object.entries(parts)) {
    if (chosen.length === 0 || chosen.includes(name)) await part().finally(endAll);
  }
  for (const failure of failures) console.log(`over the limit: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

/** 64 workers are replaced. The peer: as many boots, in the same way, beside a cluster that serves. */
async function waits(): Promise<void> {
  const workers = 64;
  const naught = started(await Naught.start(workers, 0, true));
  const served = started(new Bare(await freePort(), 0));
  await served.boot(workers, atOnce);
  const clients = started(new Clients());
  const sides = { naught: [] as Waits[], beside: [] as Waits[] };
  const blocks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    sides.naught.push(await during(clients, naught.port, () => naught.deploy()));
    blocks.push(await naught.longestBlock());
    const booting = started(new Bare(await freePort(), 0));
    sides.beside.push(await during(clients, served.port, () => booting.boot(workers, atOnce)));
    await ended(booting);
  }
  console.log(`new connections while ${workers} workers boot, milliseconds`);
  const ours = show('a deploy of naught', sides.naught);
  const theirs = show('the same boots beside node:cluster', sides.beside);
  console.log(
    `  longest block of the supervisor's loop: ${rounded(median(blocks))} (worst ${rounded(Math.max(...blocks))})`,
  );
  within('p99 beside that of the same boots', ours.p99 / theirs.p99, 2);
  within("longest block of the supervisor's loop, ms", median(blocks), 50);
}

/** Two workers whose boot takes 300 ms of CPU are replaced. */
async function boots(): Promise<void> {
  const naught = started(await Naught.start(2, 300));
  const pm2 = started(await Pm2.prepare(300));
  await pm2.start(2);
  const clients = started(new Clients());
  const sides = { naught: [] as Waits[], pm2: [] as Waits[] };
  for (let round = 0; round < rounds * 2; round++) {
    sides.naught.push(await during(clients, naught.port, () => Promise.all([naught.deploy(), passed(watchedMs)])));
    sides.pm2.push(await during(clients, pm2.port, () => Promise.all([pm2.deploy(), passed(watchedMs)])));
  }
  console.log('new connections while 2 workers boot with 300 ms of CPU, milliseconds');
  const ours = show('naught deploy', sides.naught);
  const theirs = show('pm2 reload', sides.pm2);
  within("p99.9 beside pm2's", ours.p999 / theirs.p999, 1);
}

/** How long it takes, from the call to its result, beside a cluster that boots as many. */
async function times(): Promise<void> {
  console.log('time of a deploy beside as many boots of node:cluster with the same bound, milliseconds');
  for (const workers of [1, 4, 16, 64]) {
    const naught = started(await Naught.start(workers, 0));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await timed(() => naught.deploy()));
      const bare = started(new Bare(await freePort(), 0));
      await passed(pauseMs);
      theirs.push(await timed(() => bare.boot(workers, atOnce)));
      await ended(bare);
    }
    await ended(naught);
    const [deploy, boot] = [median(ours), median(theirs)];
    console.log(`  ${workers} workers: ${rounded(deploy)}, node:cluster ${rounded(boot)}`);
    within(`time of a deploy of ${workers} beside node:cluster`, deploy / boot, 1.1);
  }
}

async function cost(): Promise<void> {
  for (const { what, naught, bare, ratio, limit } of await measureCost()) {
    console.log(`CPU per ${what}: ${naught.toFixed(1)} us under naught, ${bare.toFixed(1)} us under node:cluster`);
    within(`CPU per ${what} beside node:cluster`, ratio, limit);
  }
}

async function during(clients: Clients, port: number, happens: () => Promise<unknown>): Promise<Waits> {
  await clients.start(port);
  await happens();
  const waits = await clients.stop();
  await passed(pauseMs);
  return waits;
}

async function timed(happens: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await happens();
  return performance.now() - began;
}

function show(name: string, rounds: Waits[]): { p99: number; p999: number } {
  const ms = rounds.flatMap((round) => round.ms).sort((a, b) => a - b);
  const lost = rounds.reduce((sum, round) => sum + round.lost, 0);
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? Number.NaN;
  const [p50, p99, p999] = [at(0.5), at(0.99), at(0.999)];
  console.log(
    `  ${name}: p50 ${rounded(p50)}, p99 ${rounded(p99)}, p99.9 ${rounded(p999)}; ${lost} lost of ${ms.length + lost}`,
  );
  if (name.includes('naught') && lost > 0) failures.push(`${lost} requests lost`);
  return { p99, p999 };
}

function within(what: string, value: number, limit: number): void {
  console.log(`  ${what}: ${value.toFixed(2)}; limit ${limit}`);
  if (value > limit) failures.push(`${what}: ${value.toFixed(2)}, limit ${limit}`);
}

function rounded(ms: number): string {
  return ms.toFixed(ms < 10 ? 1 : 0);
}
