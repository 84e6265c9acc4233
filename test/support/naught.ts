import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { freePort } from '../../bench/port.ts';
import type { Status } from '../../src/protocol/status-schemas.ts';
import { eventually } from './eventually.ts';
import { type Answer, send } from './http.ts';
import { isAlive, kill, mark, marked } from './processes.ts';
import { type Ran, Running } from './running.ts';

export const root = resolve(import.meta.dirname, '../..');
export const program = join(root, 'dist/cli/main.js');
/** The server of most tests: see there what it can be told. */
export const server = join(root, 'test/fixtures/servers/server.cjs');

interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  ipc?: boolean;
  /** What runs the program, in place of `node dist/cli/main.js`. */
  command?: [string, ...string[]];
  /** A descriptor that the process has as its number `highDescriptor`, with a gap below, as of a shell's `exec 40> lock`. */
  descriptor?: number;
}

export const highDescriptor = 40;

/** A folder of its own with the built program in it: every daemon started there is stopped, or killed, at the end. */
export class Naught {
  readonly dir = mkdtempSync(join(tmpdir(), 'naught-e2e-'));
  env: Record<string, string> = {};
  /** Every command is run by this user, if not by that of the tests. */
  uid: number | undefined;
  readonly #running = new Set<ChildProcess>();
  readonly #ipcFiles = new Set(['naught.ipc']);

  /** One whose workers listen at a port of their own, which `ask` knows. */
  static async withPort(env: Record<string, string> = {}): Promise<Naught> {
    const naught = new Naught();
    naught.env = { PORT: String(await freePort()), ...env };
    return naught;
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, text = ''): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  /** Puts the server of the tests there. */
  install(name: string): string {
    cpSync(server, this.path(name), { recursive: true });
    return this.path(name);
  }

  exists(name: string): boolean {
    return existsSync(this.path(name));
  }

  remove(name: string): void {
    rmSync(this.path(name), { recursive: true, force: true });
  }

  /** Starts a command and leaves it running. */
  spawn(args: string[], options: RunOptions = {}): ChildProcess {
    const at = args.indexOf('--ipc-file');
    if (at >= 0 && args[at + 1]) this.#ipcFiles.add(args[at + 1] as string);
    const [command, ...first] = options.command ?? [process.execPath, program];
    const high =
      options.descriptor === undefined ? [] : [...Array(highDescriptor - 3).fill('ignore'), options.descriptor];
    const child = spawn(command, [...first, ...args], {
      cwd: options.cwd ?? this.dir,
      ...(this.uid !== undefined && { uid: this.uid, gid: this.uid }),
      env: { ...process.env, ...this.env, ...options.env, [mark]: this.dir },
      stdio: ['ignore', 'pipe', 'pipe', ...(options.ipc ? (['ipc'] as const) : []), ...high],
    });
    this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));
    return child;
  }

  /** Starts a command whose words are waited for. */
  begin(args: string[], options: RunOptions = {}): Running {
    return new Running(this.spawn(args, options));
  }

  /** Runs a command to its end. */
  run(args: string[], options: RunOptions = {}): Promise<Ran> {
    return ranOf(this.spawn(args, options));
  }

  /** Starts the server of the tests as a daemon; throws what was said when that failed. */
  async start(args: string[] = [server], options: RunOptions = {}): Promise<void> {
    const { code, stderr } = await this.run(['start', ...args], options);
    if (code !== 0) throw new Error(stderr);
  }

  /** A daemon's pid, or null when its pid file is gone. */
  pid(pidFile = 'naught.pid'): number | null {
    return this.exists(pidFile) ? Number(this.read(pidFile)) : null;
  }

  /** Asks a daemon as curl does, over its ipc-file. */
  async call(
    method: string,
    path: string,
    {
      body,
      headers = {},
      ipcFile = 'naught.ipc',
    }: { body?: string; headers?: Record<string, string>; ipcFile?: string } = {},
  ): Promise<Answer> {
    return send({ socketPath: resolve(this.dir, ipcFile), method, path, headers, agent: false }, body);
  }

  async status(ipcFile = 'naught.ipc'): Promise<Status> {
    return JSON.parse((await this.call('GET', '/status', { ipcFile })).body);
  }

  /** Asks the workers; with `slot` the one that has it, by asking until it is found. */
  async ask<Value = null>(path: string, slot?: number): Promise<Value> {
    const query = slot === undefined ? '' : `${path.includes('?') ? '&' : '?'}slot=${slot}`;
    const { body } = await eventually(async () => {
      const options = { host: '127.0.0.1', port: Number(this.env.PORT), path: path + query, agent: false };
      const answer = await send(options);
      return answer.status === 200 ? answer : undefined;
    });
    return JSON.parse(body);
  }

  /** What a worker says of itself. */
  facts(slot?: number): Promise<Facts> {
    return this.ask<Facts>('/', slot);
  }

  /** Kills the worker of a slot, and waits until another one of that slot is online. Gives what that one says of itself. */
  async replace(slot = 0, signal: NodeJS.Signals = 'SIGKILL'): Promise<Facts> {
    const old = await this.worker(slot);
    kill(old, signal);
    await eventually(async () => {
      const { workers } = await this.status();
      const online = workers.some((each) => each.slot === slot && each.state === 'online' && each.pid !== old);
      return online && !workers.some(({ pid }) => pid === old) ? true : undefined;
    }, 30_000);
    return this.facts(slot);
  }

  /** Pid of the worker that serves a slot. */
  async worker(slot = 0): Promise<number> {
    const { workers } = await this.status();
    const pid = workers.find((each) => each.slot === slot && each.state === 'online')?.pid;
    if (pid === undefined) throw new Error(`no worker ${slot} is online: ${JSON.stringify(workers)}`);
    return pid;
  }

  /** Waits until the workers are in these states: `B O D N`, and the daemon waits for nothing. */
  async settled(counts: string): Promise<Status> {
    let last = '';
    return eventually(async () => {
      const status = await this.status();
      const { booting, online, dying, new_online } = status.count;
      last = [booting, online, dying, new_online].join(' ');
      return last === counts && status.waitingFor === null ? status : undefined;
    }, 30_000).catch((cause) => {
      throw new Error(`not ${counts} but ${last}`, { cause });
    });
  }

  /** The events of the daemon's log as `Name B O D N`. */
  events(log = 'naught.log'): string[] {
    return [...this.read(log).matchAll(eventLine)].map(([, ...parts]) => parts.join(' '));
  }

  /** Waits until the daemon's log says so. */
  async logged(text: string | RegExp, log = 'naught.log'): Promise<string> {
    return eventually(() => {
      const logged = this.exists(log) ? this.read(log) : '';
      return (typeof text === 'string' ? logged.includes(text) : text.test(logged)) ? logged : undefined;
    }, 30_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const ipcFile of this.#ipcFiles) {
      if (existsSync(resolve(this.dir, ipcFile))) await this.run(['stop', '--timeout', '0.1', ipcFile]);
    }
    for (const child of this.#running) child.kill('SIGKILL');
    const left = await eventually(() => (marked(this.dir).length === 0 ? [] : undefined)).catch(() => marked(this.dir));
    for (const { pid } of left) if (isAlive(pid)) kill(pid);
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
    if (left.length > 0) throw new Error(`left behind: ${left.map(({ title }) => title).join(', ')}`);
  }
}

/** What the server of the tests says of itself. */
export interface Facts {
  pid: number;
  slot: string;
  script: string;
  args: string[];
  nodeArgs: string[];
  cwd: string;
  env: Record<string, string>;
  gc: boolean;
}

const eventLine = /^\S+ (?:info|warn|error) (\w+)\. booting: (\d+), online: (\d+), dying: (\d+), new_online: (\d+)/gm;

export function ranOf(child: ChildProcess): Promise<Ran> {
  return new Running(child).ended;
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
