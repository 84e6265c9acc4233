import { fstatSync } from 'node:fs';
import type { PipeInfo } from '../../../control-link.ts';
import { type PipeHandle, ReadingEnd } from '../../../reading-end.ts';
import type { Followers } from '../read/follower.ts';
import { jsonLines } from '../write/format.ts';
import { type LogTransport, message } from '../write/transport.ts';
import { identityOf } from './holders.ts';
import { type HeldBytes, Lines } from './lines.ts';
import type { Tails } from './tail.ts';

export interface PipeOptions {
  /** undefined: the log is disabled; the pipe is read all the same, or its worker would stop. */
  transport: LogTransport | undefined;
  format: 'plain' | 'json';
  now(): number;
  held: HeldBytes;
  tails: Tails;
  followers: Followers;
  /** So many bytes of it are missing here. */
  onGap(bytes: number): void;
}

/** What was done with a pipe before: bytes that were read of it, after others had to be dropped; whether to its end. */
export interface Before {
  dropped: number;
  kept: Buffer;
  ended: boolean;
}

/** Reads one pipe of a worker to its end into its log. */
export class LogPipe {
  readonly ended: Promise<void>;
  readonly #info: PipeInfo;
  readonly #options: PipeOptions;
  readonly #lines: Lines;
  #source: ReadingEnd | undefined;
  #end!: () => void;
  #reading = false;
  #over = false;

  constructor(info: PipeInfo, options: PipeOptions) {
    this.#info = info;
    this.#options = options;
    this.#lines = new Lines(options.held, (bytes) => this.#write(bytes));
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (info.stream === 'stderr') options.tails.open(info.worker);
  }

  /** Whose it is. */
  get info(): PipeInfo {
    return this.#info;
  }

  /** What tells it from every other file; undefined before it came. */
  get identity(): string | undefined {
    return this.#source && identityOf(fstatSync(this.#source.handle.fd));
  }

  /** Its reading end, which may come more than once. */
  take(handle: PipeHandle): void {
    if (this.#source || this.#over) return handle.close();
    this.#source = new ReadingEnd(
      { handle },
      (bytes) => this.#read(bytes),
      () => this.finish(),
    );
  }

  /** Nobody else reads it from now on. */
  read({ dropped, kept, ended }: Before = { dropped: 0, kept: Buffer.alloc(0), ended: false }): void {
    if (this.#reading || this.#over) return;
    this.#reading = true;
    if (dropped > 0) this.#options.onGap(dropped);
    this.#read(kept);
    if (ended || !this.#source) this.finish();
    else this.#source.resume();
  }

  /** Writes what is held of an unfinished line, and reads no more. */
  finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#lines.flush();
    if (this.#info.stream === 'stderr') this.#options.tails.end(this.#info.worker);
    this.#source?.close();
    this.#end();
  }

  #read(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#info.stream === 'stderr') this.#options.tails.push(this.#info.worker, chunk);
    if (this.#options.transport) this.#lines.push(chunk);
  }

  #write(bytes: Buffer): void {
    const { transport, format, now, followers } = this.#options;
    const time = format === 'json' || followers.any ? new Date(now()).toISOString() : '';
    const chunks = format === 'plain' ? [bytes] : jsonLines(bytes, time, this.#info);
    for (const chunk of chunks) transport?.write({ [message]: chunk, ended: this.#over });
    if (!followers.any) return;
    const { stream, slot, pid } = this.#info;
    followers.push({ stream, time, slot, pid }, bytes);
  }
}
