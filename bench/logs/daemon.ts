import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { rawReaderSource, serverSource } from './server.ts';

const program = resolve('dist/cli/main.js');

/** A command that takes longer than this, in milliseconds, hangs. */
const commandMs = 60_000;

/** Something that reads what a server writes into stdout.log: naught, or a pipe to a file. */
export interface Reader {
  dir: string;
  /** Process id of the server. */
  server: number;
  stop(): Promise<void>;
}

export interface Daemon extends Reader {
  supervisor: number;
  control: number;
}

type Environment = Record<string, string>;

/** naught with the server in a folder of its own. */
export async function startDaemon(environment: Environment, ...options: string[]): Promise<Daemon> {
  const dir = folder();
  const env = { ...process.env, ...environment };
  const naught = (...args: string[]) => {
    const { status, error, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: dir,
      env,
      encoding: 'utf8',
      timeout: commandMs,
    });
    if (status !== 0) throw new Error(`naught ${args.join(' ')}: ${error?.message ?? ''} ${stderr}`);
    return stdout;
  };
  naught('start', ...options, join(dir, 'server.js'));
  const status = JSON.parse(naught('status', '--json')) as { pid: number; workers: { pid: number }[] };
  return {
    dir,
    supervisor: status.pid,
    control: childNamed(status.pid, 'naught: control'),
    server: status.workers[0]?.pid ?? 0,
    stop: async () => {
      naught('stop', '--timeout', '1');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The server and a process that pipes what it writes to a file. */
export async function startRaw(environment: Environment): Promise<Reader> {
  const dir = folder();
  const args = [join(dir, 'raw.js'), join(dir, 'server.js'), join(dir, 'stdout.log')];
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = (await once(child.stdout!, 'data')) as [Buffer];
  return {
    dir,
    server: Number(pid),
    stop: async () => {
      child.kill();
      await once(child, 'exit');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'naught-bench-'));
  writeFileSync(join(dir, 'server.js'), serverSource);
  writeFileSync(join(dir, 'raw.js'), rawReaderSource);
  return dir;
}

function childNamed(parent: number, title: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const isChild = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1] === String(parent);
      if (isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(title)) return Number(pid);
    } catch {
      // It has ended meanwhile.
    }
  }
  throw new Error(`no process ${title}`);
}

/** The most memory that a process has had, in MB. */
export function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;
}

/** CPU time of a process and all its threads, in milliseconds. */
export function cpuTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const times = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return times.reduce((sum, time) => sum + Number(time) / 1e6, 0);
}

export function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
