const newline = 10;
/** Bytes of one unfinished line that are held at most, and of the unfinished lines of all pipes. */
const lineLimit = 1024 * 1024;
const totalLimit = 16 * 1024 * 1024;
/** Milliseconds after which an unfinished line (a prompt, progress dots) is written as it is. */
const silence = 1000;

/** Bytes that the unfinished lines of all pipes hold. */
export interface Held {
  bytes: number;
}

/**
 * Cuts the chunks of one pipe at the ends of lines. Complete lines are passed on at once; an unfinished one is held until its
 * newline, the end of the pipe, 1 s of silence or 1 MiB, so that the lines of two workers are not mixed. What is held is all that
 * can be lost when this process is killed.
 */
export class Lines {
  readonly #held: Held;
  readonly #pass: (bytes: Buffer) => void;
  readonly #parts: Buffer[] = [];
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(held: Held, pass: (bytes: Buffer) => void) {
    this.#held = held;
    this.#pass = pass;
  }

  /** What is passed on of the chunk is the caller's again after the call. */
  push(chunk: Buffer): void {
    const end = chunk.lastIndexOf(newline) + 1;
    let begin = 0;
    if (end > 0 && this.#length > 0) {
      // What is held is joined with the rest of its line only: the whole chunk would have to be copied.
      begin = chunk.indexOf(newline) + 1;
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
    // A copy: the next chunk is read into the same memory.
    this.#parts.push(Buffer.from(rest));
    this.#length += rest.length;
    this.#held.bytes += rest.length;
    if (this.#length >= lineLimit || this.#held.bytes >= totalLimit) return this.flush();
    if (this.#timer) this.#timer.refresh();
    else this.#timer = setTimeout(() => this.flush(), silence);
  }

  /** What is held, and then `last`. */
  #take(last: Buffer = Buffer.alloc(0)): Buffer {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const parts = this.#parts.splice(0);
    this.#held.bytes -= this.#length;
    this.#length = 0;
    return Buffer.concat([...parts, last]);
  }
}
