import { type ChildProcess, fork, type SendHandle } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ToControl, ToSupervisor } from '../../control-link.ts';

const program = fileURLToPath(new URL('./control.js', import.meta.url));

/** In a flood of log lines young garbage would otherwise fill 48 MB before it is looked at (MB; measured: 188 MB in all, 140 with this). */
const execArgv = ['--max-semi-space-size=2'];

/** Between the deaths of a control process that dies at once, in milliseconds. */
const fastestRestartMs = 50;
const slowestRestartMs = 5_000;
/** One that lived this long died of something else than its start. */
const healthyMs = 10_000;
/** What is kept of its stderr, to say in the log of the next one why it died. */
const keptStderr = 4_096;

interface Hooks {
  /** A new process has been made: send it all that it must know. `restarts` and `lastDeath` tell of its predecessors. */
  onStart(restarts: number, lastDeath: string | undefined): void;
  onMessage(message: ToSupervisor): void;
}

interface ControlOptions {
  foreground: boolean;
  env: NodeJS.ProcessEnv;
}

/** Starts the program; it does nothing before it is attached. Throws what child_process throws. */
export function forkControl({ foreground, env }: ControlOptions): ChildProcess {
  const stdio = ['ignore', foreground ? 'inherit' : 'ignore', foreground ? 'inherit' : 'pipe', 'ipc'] as const;
  return fork(program, { execArgv, env, cwd: '/', stdio: [...stdio] });
}

/** Keeps a control process running. Sending never waits and never throws: what a dying process missed is sent to the next. */
export class ControlProcess {
  #child: ChildProcess | null = null;
  #restarts = 0;
  #bornAt = 0;
  #quickDeaths = 0;
  #stderr = '';
  #ended: (() => void) | null = null;

  constructor(
    private readonly hooks: Hooks,
    private readonly options: ControlOptions,
    /** One that was started already, for the first start. */
    private spare: ChildProcess | null = null,
  ) {}

  start(lastDeath?: string): void {
    this.#bornAt = performance.now();
    try {
      this.#child = this.spare?.connected ? this.spare : forkControl(this.options);
      this.spare = null;
    } catch (error) {
      return this.#died(String(error));
    }
    this.#watch(this.#child);
    this.hooks.onStart(this.#restarts, lastDeath);
  }

  send(message: ToControl, handle?: SendHandle, options?: { keepOpen: boolean }): void {
    if (!this.#child?.connected) return;
    this.#child.send(message, handle, options ?? {}, () => {});
  }

  /** Resolves when the process has ended by itself after `finish`; kills it when that takes more than `deadlineMs`. */
  async end(deadlineMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#ended = resolve;
      if (!this.#child) return resolve();
      setTimeout(() => this.#child?.kill('SIGKILL'), deadlineMs).unref();
      setTimeout(resolve, deadlineMs + 1_000).unref();
    });
  }

  get ending(): boolean {
    return this.#ended !== null;
  }

  #watch(child: ChildProcess): void {
    let gone = false;
    const leave = (how: string) => {
      if (gone) return;
      gone = true;
      this.#died(how);
    };
    child.on('message', (message: ToSupervisor) => this.hooks.onMessage(message));
    child.on('error', (error) => child.pid === undefined && leave(error.message));
    child.on('exit', (code, signal) => leave(signal ? `it was killed by ${signal}` : `it exited with code ${code}`));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
  }

  #died(how: string): void {
    const clean = this.#ended !== null && how === 'it exited with code 0';
    const stderr = this.#stderr.trim();
    this.#child = null;
    this.#stderr = '';
    if (clean || (this.#ended && this.#restarts > 0 && performance.now() - this.#bornAt < fastestRestartMs)) {
      return this.#ended?.();
    }
    this.#restarts += 1;
    this.#quickDeaths = performance.now() - this.#bornAt < healthyMs ? this.#quickDeaths + 1 : 0;
    const delay =
      this.#quickDeaths <= 1 ? 0 : Math.min(slowestRestartMs, fastestRestartMs * 2 ** (this.#quickDeaths - 2));
    setTimeout(() => this.start(stderr ? `${how}: ${stderr}` : how), delay);
  }
}
