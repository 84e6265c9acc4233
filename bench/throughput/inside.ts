import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Daemon } from '../loss/daemon.ts';
import { bareCluster } from './cluster.ts';
import { median } from './statistics.ts';

const script = resolve('bench/throughput/inside.cjs');
const rounds = 5;

/** Microseconds of CPU that a request costs within a worker under naught, and under bare node:cluster, in turn, each time in new workers. */
export async function measureInside(): Promise<{ naught: number; bare: number }> {
  const dir = mkdtempSync(join(tmpdir(), 'naught-inside-'));
  const costs = { naught: [] as number[], bare: [] as number[] };
  try {
    const server = { name: 'inside', script, kinds: [] };
    await using daemon = await Daemon.start({ dir, node: process.execPath, server, workers: 2 });
    const { port } = daemon.target as { port: number };
    for (let round = 0; round < rounds; round++) {
      await daemon.deploy();
      costs.naught.push(await measure(port));
      using bare = await bareCluster(dir, script);
      costs.bare.push(await measure(bare.port));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return { naught: median(costs.naught), bare: median(costs.bare) };
}

async function measure(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/measure`);
  return Number(await answer.text());
}
