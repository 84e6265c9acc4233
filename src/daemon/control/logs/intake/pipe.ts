import type net from 'node:net';
import type { PipeInfo } from '../../../control-link.ts';
import type { Followers } from '../read/follower.ts';
import { jsonLines } from '../write/format.ts';
import { type LogTransport, message } from '../write/transport.ts';
import { type HeldBytes, Lines } from './lines.ts';
import { readInto } from './read-into.ts';
import type { Tails } from './tail.ts';

export interface PipeOptions {
  /** undefined: the log is disabled; the pipe is read all the same, or its worker would stop. */
  transport: LogTransport | undefined;
  format: 'plain' | 'json';
  now(): number;
  held: HeldBytes;
  tails: Tails;
  followers: Followers;
}

/** Reads one pipe of a worker to its end into its log. */
export class LogPipe {
  readonly ended: Promise<void>;
  readonly #info: PipeInfo;
  readonly #socket: net.Socket;
  readonly #options: PipeOptions;
  readonly #lines: Lines;
  #end!: () => void;
  #over = false;

  constructor(info: PipeInfo, socket: net.Socket, options: PipeOptions) {
    this.#info = info;
    this.#options = options;
    this.#lines = new Lines(options.held, (bytes) => this.#write(bytes));
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    if (info.stream === 'stderr') options.tails.open(info.worker);
    this.#socket = readInto(socket, (bytes) => this.#read(bytes));
    this.#socket.on('end', () => this.finish());
    // A reset is an end like another; 'close' follows.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.finish());
  }

  /** Writes what is held of an unfinished line, and reads no more. */
  finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#lines.flush();
    if (this.#info.stream === 'stderr') this.#options.tails.end(this.#info.worker);
    this.#socket.destroy();
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
