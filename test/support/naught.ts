import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');
export const program = join(root, 'dist/cli/main.js');

export interface Ran {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A folder of its own with the built program in it: every daemon started there is stopped, or killed, at the end. */
export class Naught {
  readonly dir = mkdtempSync(join(tmpdir(), 'naught-e2e-'));
  env: Record<string, string> = {};
  readonly #running = new Set<ChildProcess>();
  readonly #ipcFiles = new Set(['naught.ipc']);

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  /** Starts a command and leaves it running. */
  spawn(args: string[], options: { env?: Record<string, string>; cwd?: string; ipc?: boolean } = {}): ChildProcess {
    const at = args.indexOf('--ipc-file');
    if (at >= 0 && args[at + 1]) this.#ipcFiles.add(args[at + 1] as string);
    const child = spawn(process.execPath, [program, ...args], {
      cwd: options.cwd ?? this.dir,
      env: { ...process.env, ...this.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : [])],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  /** Runs a command to its end. */
  run(args: string[], options: { env?: Record<string, string>; cwd?: string } = {}): Promise<Ran> {
    return ranOf(this.spawn(args, options));
  }

  /** A daemon's pid, or null when its pid file is gone. */
  pid(pidFile = 'naught.pid'): number | null {
    return this.exists(pidFile) ? Number(this.read(pidFile)) : null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ipcFile of this.#ipcFiles) {
      if (existsSync(resolve(this.dir, ipcFile))) await this.run(['stop', '--timeout', '0.1', ipcFile]);
    }
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

export function ranOf(child: ChildProcess): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((done) => {
    child.once('close', (code, signal) => done({ stdout, stderr, code, signal }));
  });
}

/** The event lines as 1.x prints them: `Name B O D N`. */
export function lines(...events: string[]): string {
  return events
    .map((event) => {
      const [name, booting, online, dying, newOnline] = event.split(' ');
      if (booting === undefined) return `${name}\n`;
      return `${name}. booting: ${booting}, online: ${online}, dying: ${dying}, new_online: ${newOnline}\n`;
    })
    .join('');
}

/** A port that was free a moment ago, on the loopback. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Asks again and again, until the answer is not undefined; for what no event tells (another process, a file). */
export async function eventually<T>(ask: () => T | undefined | Promise<T | undefined>, ms = 10_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${ask}`);
    await new Promise((again) => setTimeout(again, 15));
  }
}

export interface ProcessInfo {
  pid: number;
  parent: number;
  /** What ps shows in its last column. */
  title: string;
}

/** The processes that run, from /proc: a machine that runs the tests may have no ps. Those that ended and wait for their parent to look are not among them. */
export function processes(): ProcessInfo[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, state, parent] = /\) (\S) (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'latin1')) ?? [];
      const title = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return state === 'Z' || state === 'X' ? [] : { pid: Number(name), parent: Number(parent), title };
    } catch {
      return [];
    }
  });
}

export function isAlive(pid: number): boolean {
  return processes().some((each) => each.pid === pid);
}

export function childrenOf(pid: number): number[] {
  return processes().flatMap((each) => (each.parent === pid ? [each.pid] : []));
}
