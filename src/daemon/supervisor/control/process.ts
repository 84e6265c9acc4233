import type { ChildProcess, SendHandle } from 'node:child_process';
import type { ToControl, ToSupervisor } from '../../control-link.ts';
import { now } from '../clock.ts';
import { healthyMs, restartDelay } from '../machine/limits.ts';
import type { Exit } from '../machine/state.ts';

/** The longest wait before a control process that dies at once is started again, in milliseconds: nobody is answered meanwhile. */
const slowestRestartMs = 5_000;
/** How many may die at once in a row before the end of the daemon waits for no other. */
const lastTries = 3;
/** Between two questions whether it lives, in milliseconds. One that answers so many of them with nothing hangs, and is killed. */
const pingMs = 1_000;
const mostUnanswered = 4;
/** One that has not said anything yet may still be loading, on a busy machine. */
const mostUnansweredAtStart = 30;
/** What is kept of its stderr, to say in the log of the next one why it died. */
const keptStderr = 4_096;

interface Hooks {
  /** A new process has been made: send it all that it must know. `restarts` and `lastDeath` tell of its predecessors. */
  onStart(restarts: number, lastDeath: string | undefined): void;
  /**
   * Before the next one is started, or none is. `unwellMs`: how long it had done nothing. `hopeless`: it ended by itself, soon, and not
   * for the first time.
   */
  onDeath(unwellMs: number, hopeless: boolean): void;
  onMessage(message: Exclude<ToSupervisor, { type: 'pong' }>): void;
  /** It lives, and has had every message that was sent before the last second. */
  onPong(): void;
}

/** Keeps a control process running. Sending never waits and never throws: what a dying process missed is sent to the next. */
export class ControlProcess {
  #child: ChildProcess | null = null;
  #restarts = 0;
  #bornAt = 0;
  /** Deaths in a row of processes that lived for less than `healthyMs`. */
  #quickDeaths = 0;
  #stderr = '';
  #hung = false;
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
      pulse.end();
      this.#died(exit);
    };
    const pulse = this.#takePulse(child);
    child.on('message', (message: ToSupervisor) => {
      pulse.felt();
      if (message.type === 'pong') this.hooks.onPong();
      else this.hooks.onMessage(message);
    });
    child.on('error', ({ message }) => child.pid === undefined && leave({ code: null, signal: null, error: message }));
    child.on('exit', (code, signal) => leave({ code, signal }));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-keptStderr);
    });
  }

  /** Counted in questions and not in time: when the whole machine or group was stopped, it is asked again first. */
  #takePulse(child: ChildProcess): { felt(): void; end(): void } {
    let unanswered = 0;
    let most = mostUnansweredAtStart;
    const timer = setInterval(() => {
      if (unanswered >= most) {
        this.#hung = true;
        child.kill('SIGKILL');
      }
      unanswered += 1;
      this.send({ type: 'ping' });
    }, pingMs);
    return {
      felt: () => {
        unanswered = 0;
        most = mostUnanswered;
      },
      end: () => clearInterval(timer),
    };
  }

  #died(exit: Exit): void {
    const stderr = this.#stderr.trim();
    this.#child = null;
    this.#stderr = '';
    this.#restarts += 1;
    this.#quickDeaths = now() - this.#bornAt < healthyMs ? this.#quickDeaths + 1 : 0;
    const unwellMs = this.#hung ? mostUnanswered * pingMs : 0;
    this.hooks.onDeath(unwellMs, exit.signal === null && this.#quickDeaths > 1);
    if (this.#ended && (exit.code === 0 || this.#quickDeaths >= lastTries)) return this.#ended();
    const how = this.#hung ? `it hung, and was killed after ${unwellMs / 1000} s` : howItDied(exit);
    this.#hung = false;
    const delay = Math.min(slowestRestartMs, restartDelay(this.#quickDeaths, 0));
    setTimeout(() => this.start(stderr ? `${how}: ${stderr}` : how), delay);
  }
}

function howItDied({ code, signal, error }: Exit): string {
  return error ?? (signal === null ? `it exited with code ${code}` : `it was killed by ${signal}`);
}
