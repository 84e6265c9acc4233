import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cell, runCell } from './loss/cell.ts';
import { Daemon } from './loss/daemon.ts';
import { events, type LossEvent } from './loss/events.ts';
import { lossOptions } from './loss/options.ts';
import type { Kind, Server } from './loss/server.ts';
import { servers } from './loss/servers.ts';
import { losses, type Results, table } from './loss/table.ts';
import { sum } from './throughput/statistics.ts';

/**
 * Counts what becomes of every request, by raw-socket clients of many kinds, while servers are deployed to, scaled, killed and
 * crashed. Prints a table; exits 1 on any loss but that of a request inside a killed worker.
 *
 *   npm run bench:loss -- [--quick] [--node PATH] [--kind RE] [--event RE] [--jobs N]
 */
const options = lossOptions(process.argv.slice(2));
const dir = mkdtempSync(join(tmpdir(), 'naught-loss-'));
const results: Results = new Map();
const cells = chosen();
let failed = false;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp());

try {
  const version = spawnSync(options.node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`${cells.length} cells on Node ${version}`);
  const queue = [...cells];
  await Promise.all(Array.from({ length: options.jobs }, () => work(queue)));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

const kinds = servers.flatMap((server) => server.kinds.map(({ name }) => name)).filter((name) => results.has(name));
const columns = events.map(({ name }) => name).filter((name) => cells.some((cell) => columnOf(cell) === name));
console.log(`\n${table(kinds, columns, results)}\n`);
console.log(losses(results) || 'nothing was lost');
if (failed) process.exitCode = 1;

async function giveUp(): Promise<never> {
  await Daemon.endAll().finally(() => rmSync(dir, { recursive: true, force: true }));
  process.exit(1);
}

function chosen(): Cell[] {
  return events
    .filter(({ name }) => options.events.test(name))
    .flatMap((event) => servers.map((server) => ({ event, server })))
    .filter(({ event, server }) => server.events?.includes(event.name) ?? !event.special)
    .map(({ event, server }) => ({ events: [event], server, kinds: kindsOf(server) }))
    .filter((cell) => cell.kinds.length > 0);
}

function kindsOf({ kinds }: Server): Kind[] {
  return kinds.filter(({ name }) => options.kinds.test(name));
}

function timesOf({ times }: LossEvent): number {
  return options.quick ? times.short : times.full;
}

async function work(queue: Cell[]): Promise<void> {
  for (let cell = queue.shift(); cell; cell = queue.shift()) await measure(cell);
}

async function measure(cell: Cell): Promise<void> {
  const name = `${cell.server.name}, ${columnOf(cell)}`;
  const began = performance.now();
  try {
    const cellResults = await runCell(cell, { dir, node: options.node, timesOf });
    for (const result of cellResults) {
      const row = results.get(result.kind.name) ?? new Map();
      results.set(result.kind.name, row.set(columnOf(cell), result));
      if (result.forbidden > 0) failed = true;
    }
    const lost = sum(cellResults.map((result) => result.lost));
    const all = lost + sum(cellResults.map(({ tally }) => tally.ok));
    console.log(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s, ${lost} lost of ${all}`);
  } catch (error) {
    failed = true;
    console.log(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}

function columnOf({ events }: Cell): string {
  return events.map(({ name }) => name).join();
}
