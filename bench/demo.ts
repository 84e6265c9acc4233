import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Load } from './load.ts';
import { freePort } from './port.ts';

/** The main job, visible: start an example, deploy new code under load, see that nothing was lost, stop. Exits 1 if it was. */

const root = resolve('.');
const program = join(root, 'dist/cli/main.js');
const dir = mkdtempSync(join(tmpdir(), 'naught-demo-'));
const port = await freePort();

function naught(environment: Record<string, string>, ...args: string[]): void {
  const settings = Object.entries(environment).map(([name, value]) => `${name}=${value} `);
  console.log(`\n$ ${settings.join('')}naught ${args.join(' ').replace(`${root}/`, '')}`);
  const env = { ...process.env, PORT: String(port), ...environment };
  const { status } = spawnSync(process.execPath, [program, ...args], {
    cwd: dir,
    env,
    stdio: ['ignore', 'inherit', 1],
  });
  if (status !== 0) throw new Error(`naught ${args[0]} ended with ${status}`);
}

try {
  naught({ VERSION: '1' }, 'start', '--worker-count', '2', join(root, 'examples/express/server.js'));
  const loads = [
    new Load({ port, clients: 4 }),
    new Load({ port, clients: 2, keepAlive: true }),
    new Load({ port, clients: 2, path: '/slow' }),
  ];
  console.log('\n# 8 clients send requests without a pause: new connections, kept ones, and some that take 300 ms');
  await answered(loads, 200);
  const before = sum(loads);
  await deployAside();
  await answered(loads, sum(loads) + 200);
  await Promise.all(loads.map((load) => load.stop()));
  naught({}, 'status');
  naught({}, 'stop');
  report(loads, before);
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Without waiting in this process, whose clients must go on. */
async function deployAside(): Promise<void> {
  console.log('\n$ VERSION=2 naught deploy');
  const env = { ...process.env, PORT: String(port), VERSION: '2' };
  const child = spawn(process.execPath, [program, 'deploy'], { cwd: dir, env, stdio: ['ignore', 'inherit', 1] });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`naught deploy ended with ${code}`);
}

function report(loads: Load[], before: number): void {
  const versions = new Map<string, number>();
  for (const { tally } of loads) {
    for (const [body, times] of tally.bodies) {
      const { version } = JSON.parse(body);
      versions.set(version, (versions.get(version) ?? 0) + times);
    }
  }
  const lost = loads.reduce((total, load) => total + load.lost, 0);
  const seen = [...versions].map(([version, times]) => `${times} by version ${version}`).join(', ');
  console.log(`\n# ${sum(loads)} requests answered (${before} before the deploy): ${seen}; lost: ${lost}`);
  console.log(`# naught.log:\n${readFileSync(join(dir, 'naught.log'), 'utf8')}`);
  if (lost > 0) process.exitCode = 1;
}

function sum(loads: Load[]): number {
  return loads.reduce((total, { tally }) => total + tally.ok, 0);
}

async function answered(loads: Load[], requests: number): Promise<void> {
  while (sum(loads) < requests) await new Promise((again) => setTimeout(again, 10));
}
