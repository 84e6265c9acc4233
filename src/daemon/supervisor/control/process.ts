import type { ChildProcess, SendHandle } from 'node:child_process';
import type { ToControl, ToSupervisor } from '../../control-link.ts';
import { now } from '../clock.ts';
import { healthyMs, restartDelay } from '../machine/limits.ts';
import type { Exit } from '../machine/state.ts';

/** The longest wait before a control process that dies at once is started again, in milliseconds: nobody is answered meanwhile. */
const slowestRestartMs = 5_000;
/** How many may die at once in a row before the end of the daemon waits for no other. */
const lastTries = 3;
/** What is kept of its stderr, to say in the log of the next one why it died. */
const keptStderr = 4_096;

interface Hooks {
  /** A new process has been made: send it all that it must know. `restarts` and `lastDeath` tell of its predecessors. */
  onStart(restarts: number, lastDeath: string | undefined): void;
  /** Before the next one is started, or none is. `hopeless`: it ended by itself, soon, and not for the first time. */
  onDeath(hopeless: boolean): void;
  onMessage(message: ToSupervisor): void;
}

/** Keeps a control process running. Sending never waits and never throws: what a dying process missed is sent to the next. */
export class ControlProcess {
  #child: ChildProcess | null = null;
  #restarts = 0;
  #bornAt = 0;
  /** Deaths in a row of processes that lived for less than `healthyMs`. */
  #quickDeaths = 0;
  #stderr = '';
  #ended: (() => void) | null = null;

  constructor(
    private readonly hooks: Hooks,
    private readonly fork: () => ChildProcess,
    /** One that was started already, for the first start. */
    private spare: ChildProcess | null = null,
  ) {}

  start(lastDeath?: string): void {
    this.#bornAt = now();
    try {
      this.#child = this.spare?.connected ? this.spare : this.fork();
      this.spare = null;
    } catch (error) {
      return this.#died({ code: null, signal: null, error: String(error) });
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
      setTimeout(() => this.#child?.kill('SIGKILL'), deadlineMs).unref();
      setTimeout(resolve, deadlineMs + 1_000).unref();
    });
  }

  #watch(child: ChildProcess): void {
    let gone = false;
    const leave = (exit: Exit) => {
      if (gone) return;
      gone = true;
      this.#died(exit);
    };
    child.on('message', (message: ToSupervisor) => this.hooks.onMessage(message));
    child.on('error', ({ message }) => child.pid === undefined && leave({ code: null, signal: null, error: message }));
    child.on('exit', (code, signal) => leave({ code, signal }));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
  }

  #died(exit: Exit): void {
    const stderr = this.#stderr.trim();
    this.#child = null;
    this.#stderr = '';
    this.#restarts += 1;
    this.#quickDeaths = now() - this.#bornAt < healthyMs ? this.#quickDeaths + 1 : 0;
    this.hooks.onDeath(exit.signal === null && this.#quickDeaths > 1);
    if (this.#ended && (exit.code === 0 || this.#quickDeaths >= lastTries)) return this.#ended();
    const how = howItDied(exit);
    const delay = Math.min(slowestRestartMs, restartDelay(this.#quickDeaths, 0));
    setTimeout(() => this.start(stderr ? `${how}: ${stderr}` : how), delay);
  }
}

function howItDied({ code, signal, error }: Exit): string {
  return error ?? (signal === null ? `it exited with code ${code}` : `it was killed by ${signal}`);
}
