import { fork, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * How long `start` and `status` take, on this Node, or on those of NODES (paths, with a colon between). `status`: at most 2 x `node -e 0` on
 * Node 20, and 2.5 x on later ones, which start twice as fast; the two are run in turn. `start` with two workers: at most 300 ms after
 * the last worker of the same server is online under bare node:cluster, in turn with it. Medians; exits 1 above a limit.
 */
const rounds = 15;
const statusLimit = (version: string) => (version.startsWith('v20.') ? 2 : 2.5);
const startLimitMs = 300;

const program = resolve('dist/cli/main.js');
const dir = mkdtempSync(join(tmpdir(), 'naught-bench-'));
const server = join(dir, 'server.js');
const primary = join(dir, 'primary.js');
writeFileSync(server, `require('http').createServer((q, r) => r.end()).listen(0, () => process.send('online'));\n`);
writeFileSync(
  primary,
  `const cluster = require('cluster'); let online = 0;
cluster.setupPrimary({ exec: ${JSON.stringify(server)} });
for (let i = 0; i < 2; i++) cluster.fork().on('message', (m) => m === 'online' && ++online === 2 && process.send('online'));\n`,
);

try {
  naught('start', server);
  for (const node of process.env.NODES?.split(':') ?? [process.execPath]) measureStatus(node);
  naught('stop');
  await measureStart();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

function measureStatus(node: string): void {
  const run = (...args: string[]) => timed(() => spawnSync(node, args, { cwd: dir }));
  // What it compiles is kept by the first.
  run(program, 'status');
  const ratios: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(run('-e', '0'));
    ratios.push(run(program, 'status') / (bare.at(-1) ?? 1));
  }
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const limit = statusLimit(version);
  const ratio = median(ratios);
  const result = `${ratio.toFixed(2)} x node -e 0 (${median(bare).toFixed(0)} ms); limit ${limit}`;
  console.log(`status, Node ${version}: ${result}`);
  if (ratio > limit) process.exitCode = 1;
}

async function measureStart(): Promise<void> {
  const differences: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const bare = await bareCluster();
    const ours = timed(() => naught('start', '--worker-count', '2', server));
    naught('stop');
    differences.push(ours - bare);
  }
  const difference = median(differences);
  console.log(`start, two workers: ${difference.toFixed(0)} ms more than bare node:cluster; limit ${startLimitMs}`);
  if (difference > startLimitMs) process.exitCode = 1;
}

/** From the start of the primary to the last worker's 'online'. */
async function bareCluster(): Promise<number> {
  const began = performance.now();
  const child = fork(primary, { cwd: dir, stdio: 'ignore' });
  await new Promise((online) => child.once('message', online));
  const ms = performance.now() - began;
  child.kill();
  await new Promise((gone) => child.once('exit', gone));
  return ms;
}

function naught(...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: dir, encoding: 'utf8' });
  if (status !== 0) throw new Error(`naught ${args.join(' ')}: ${stderr}`);
}

function timed(work: () => void): number {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
