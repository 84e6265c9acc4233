const lineCount = 20;
/** Bytes of a worker's stderr that are remembered. */
const capacity = 16 * 1024;
/** How many workers that are gone are remembered. */
const goneLimit = 16;

/** The end of what one worker wrote to stderr: a ring of bytes. */
class Tail {
  readonly ended: Promise<void>;
  end!: () => void;
  readonly #ring = Buffer.alloc(capacity);
  #total = 0;

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  push(chunk: Buffer): void {
    const kept = chunk.subarray(Math.max(0, chunk.length - capacity));
    const at = (this.#total + chunk.length - kept.length) % capacity;
    const copied = kept.copy(this.#ring, at);
    kept.copy(this.#ring, 0, copied);
    this.#total += chunk.length;
  }

  lines(): string[] {
    const at = this.#total % capacity;
    const bytes =
      this.#total < capacity
        ? this.#ring.subarray(0, at)
        : Buffer.concat([this.#ring.subarray(at), this.#ring.subarray(0, at)]);
    const lines = bytes.toString().split(/\r?\n/);
    if (lines.at(-1) === '') lines.pop();
    // The first one has lost its beginning.
    if (this.#total > capacity && lines.length > 1) lines.shift();
    return lines.slice(-lineCount);
  }
}

/** The last stderr lines of each worker, for the message about one that failed to boot. */
export class Tails {
  readonly #tails = new Map<number, Tail>();
  readonly #gone: number[] = [];

  open(worker: number): void {
    if (!this.#tails.has(worker)) this.#tails.set(worker, new Tail());
  }

  push(worker: number, chunk: Buffer): void {
    this.#tails.get(worker)?.push(chunk);
  }

  end(worker: number): void {
    this.#tails.get(worker)?.end();
    this.#gone.push(worker);
    if (this.#gone.length > goneLimit) this.#tails.delete(this.#gone.shift()!);
  }

  /** Waits for the end of the worker's stderr, at most `waitMs`. */
  async lines(worker: number, waitMs: number): Promise<string[]> {
    const tail = this.#tails.get(worker);
    if (!tail) return [];
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([tail.ended, timeout]);
    clearTimeout(timer);
    return tail.lines();
  }
}
