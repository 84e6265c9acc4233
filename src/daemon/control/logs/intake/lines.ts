import { lastLineEnd, lineEnd } from '../../../../protocol/lines.ts';

/** Bytes of one unfinished line that are held at most, and of the unfinished lines of all pipes. */
const lineLimit = 1024 * 1024;
const totalLimit = 16 * 1024 * 1024;
/** Milliseconds after its first byte that an unfinished line (a prompt, progress dots) is written as it is. */
const patience = 1000;
const smallest = 256;

const nothing = Buffer.alloc(0);

/** Memory that the unfinished lines of all pipes take. */
export interface HeldBytes {
  bytes: number;
}

/**
 * Cuts the chunks of one pipe at the ends of lines. Complete lines are passed on at once; an unfinished one is held until its
 * newline, the end of the pipe, 1 s or 1 MiB, so that the lines of two workers are not mixed. What is held is all that
 * can be lost when this process is killed.
 */
export class Lines {
  readonly #held: HeldBytes;
  readonly #pass: (bytes: Buffer) => void;
  /** One that grows: a Buffer for each of many small writes would take a hundred times what they are. */
  #memory = nothing;
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(held: HeldBytes, pass: (bytes: Buffer) => void) {
    this.#held = held;
    this.#pass = pass;
  }

  /** What is passed on of the chunk is the caller's again after the call. */
  push(chunk: Buffer): void {
    const end = lastLineEnd(chunk);
    let begin = 0;
    if (end > 0 && this.#length > 0) {
      // What is held is joined with the rest of its line only: the whole chunk would have to be copied.
      begin = lineEnd(chunk);
      this.#pass(this.#take(chunk.subarray(0, begin)));
    }
    if (end > begin) this.#pass(chunk.subarray(begin, end));
    if (end < chunk.length) this.#hold(chunk.subarray(end));
  }

  /** Passes on what is held. */
  flush(): void {
    if (this.#length > 0) this.#pass(this.#take());
  }

  #hold(rest: Buffer): void {
    const length = this.#length + rest.length;
    if (length > this.#memory.length) this.#grow(length);
    rest.copy(this.#memory, this.#length);
    this.#length = length;
    if (length >= lineLimit || this.#held.bytes >= totalLimit) return this.flush();
    this.#timer ??= setTimeout(() => this.flush(), patience);
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(smallest, 2 ** Math.ceil(Math.log2(length))));
    this.#memory.copy(grown, 0, 0, this.#length);
    this.#held.bytes += grown.length - this.#memory.length;
    this.#memory = grown;
  }

  /** What is held, and then `last`. */
  #take(last: Buffer = nothing): Buffer {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#memory.subarray(0, this.#length);
    this.#held.bytes -= this.#memory.length;
    this.#memory = nothing;
    this.#length = 0;
    return last.length > 0 ? Buffer.concat([held, last]) : held;
  }
}
