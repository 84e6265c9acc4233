import { newline } from '../../../../protocol/lines.ts';
import type { Files } from '../read/history.ts';
import { errorCode } from '../system.ts';
import { Backlog, type Budget } from './backlog.ts';
import type { Target } from './target.ts';

/** Bytes of the backlog that are written in one go, before others have their turn. */
const turn = 4 * 1024 * 1024;
/** Milliseconds between two attempts: of a disk that refuses, and of a stream whose reader is slow (EAGAIN). */
const pauses = { disk: { first: 50, last: 2000 }, reader: { first: 5, last: 100 } };

export interface LogOptions {
  budget: Budget;
  /** A line for the daemon's log, which may be this one. */
  report(level: 'info' | 'warn' | 'error', text: string): void;
  /** The line that stands in this log where bytes are missing. */
  dropLine(bytes: number, why: string): string;
}

/**
 * One log: what is written to it is in its target when `write` returns, or waits in memory while the target refuses it, up to a
 * bound. What is dropped over that is counted and said: in the log at its place, and in the daemon's log. Never throws.
 */
export class Log {
  readonly #target: Target;
  readonly #options: LogOptions;
  readonly #backlog: Backlog;
  readonly #waiters: (() => void)[] = [];
  #retry: NodeJS.Timeout | undefined;
  #pause = 0;
  /** Why the target refuses what it is given. */
  #trouble: string | undefined;
  #dropped = 0;
  #atLineStart = true;
  #closed = false;

  constructor(target: Target, options: LogOptions) {
    this.#target = target;
    this.#options = options;
    this.#backlog = new Backlog(options.budget);
  }

  get path(): string {
    return this.#target.path;
  }

  /** Bytes in memory that its target refuses. */
  get waiting(): number {
    return this.#backlog.waiting;
  }

  /** What can be read of it. */
  get files(): Files | null {
    return this.#target.files();
  }

  /** Whole lines, or a piece of one. `endsLine`: nobody continues an unfinished line at the end of the chunk. */
  write(chunk: Buffer, endsLine = false): void {
    if (chunk.length === 0 || this.#closed) return;
    if (!this.#backlog.empty) return this.#backlog.push(chunk);
    const taken = this.#put(chunk, endsLine);
    if (taken < chunk.length) this.#backlog.push(chunk.subarray(taken), taken > 0);
  }

  /** Says at this place that `bytes` of it are missing. */
  tellGap(bytes: number, why: string): void {
    this.write(this.#gapLine(bytes, why));
    this.#options.report('warn', `${bytes} bytes of ${this.path} were dropped: ${why}`);
  }

  /** For a timer, so that a file that somebody removed is there again even when nothing is written. */
  follow(): void {
    if (this.#closed || !this.#backlog.empty) return;
    this.#attempt(() => this.#target.follow());
  }

  reopen(): void {
    if (this.#closed) return;
    this.#attempt(() => this.#target.reopen());
    this.#drain(turn);
  }

  /** Waits until nothing is left in memory, or until the signal is aborted. */
  async flushed(signal: AbortSignal): Promise<void> {
    this.#drain(Number.POSITIVE_INFINITY);
    if (this.#backlog.empty || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Returns the number of bytes that were never written. */
  close(): number {
    const { lost } = this.#backlog;
    clearTimeout(this.#retry);
    this.#closed = true;
    this.#backlog.clear();
    this.#target.close();
    return lost;
  }

  /** Returns how many bytes of the chunk are written. */
  #put(chunk: Buffer, endsLine: boolean): number {
    const { taken, error } = this.#target.write(chunk, endsLine);
    if (taken > 0) this.#atLineStart = chunk[taken - 1] === newline;
    if (error !== undefined) this.#fail(error);
    else if (this.#backlog.empty) this.#recover();
    return taken;
  }

  #attempt(action: () => void): void {
    try {
      action();
      if (this.#backlog.empty) this.#recover();
    } catch (error) {
      this.#fail(error);
    }
  }

  #drain(limit: number): void {
    if (this.#backlog.empty) return this.follow();
    for (let written = 0; !this.#backlog.empty; ) {
      if (written >= limit) return this.#drainLater(0);
      const head = this.#backlog.head((bytes) => this.#dropNotice(bytes));
      const taken = this.#put(head, false);
      this.#backlog.consume(taken);
      if (taken < head.length) return;
      written += taken;
      this.#pause = 0;
    }
    this.#recover();
    for (const done of this.#waiters.splice(0)) done();
  }

  #drainLater(delay: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#drain(turn), delay);
  }

  #fail(error: unknown): void {
    const slowReader = errorCode(error) === 'EAGAIN';
    const { first, last } = slowReader ? pauses.reader : pauses.disk;
    this.#pause = Math.min(last, Math.max(first, this.#pause * 2));
    this.#drainLater(this.#pause);
    if (slowReader || this.#trouble !== undefined) return;
    this.#trouble = (error as Error).message;
    this.#options.report('error', `cannot write to ${this.path}, trying again: ${this.#trouble}`);
  }

  #recover(): void {
    if (this.#trouble === undefined && this.#dropped === 0) return;
    const dropped = `, but ${this.#dropped} bytes of it were dropped`;
    this.#options.report(
      this.#dropped > 0 ? 'warn' : 'info',
      `${this.path} can be written again${this.#dropped > 0 ? dropped : ''}`,
    );
    this.#trouble = undefined;
    this.#dropped = 0;
  }

  #dropNotice(bytes: number): Buffer {
    this.#dropped += bytes;
    return this.#gapLine(bytes, this.#trouble ?? 'its reader was too slow');
  }

  #gapLine(bytes: number, why: string): Buffer {
    return Buffer.from(`${this.#atLineStart ? '' : '\n'}${this.#options.dropLine(bytes, why)}\n`);
  }
}
