const blockSize = 65_536;

/** Bytes of memory that logs may fill together while they cannot be written. */
export class Budget {
  readonly limit: number;
  used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }
}

type Block = { bytes: Buffer; from: number; to: number } | { dropped: number };

/** What waits for a disk with space: bytes in order, and between them how many had to be dropped at that place. */
export class Backlog {
  readonly #budget: Budget;
  readonly #blocks: Block[] = [];

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  get empty(): boolean {
    return this.#blocks.length === 0;
  }

  /** Bytes that can still be written. */
  get waiting(): number {
    return this.#blocks.reduce((sum, block) => sum + ('dropped' in block ? 0 : block.to - block.from), 0);
  }

  /** Bytes that wait, and bytes that were dropped and not yet reported. */
  get lost(): number {
    return this.#blocks.reduce((sum, block) => sum + ('dropped' in block ? block.dropped : 0), this.waiting);
  }

  /** Keeps the whole chunk or drops the whole chunk, so that no line is torn. `must`: it is the rest of a line already begun. */
  push(chunk: Buffer, must = false): void {
    const last = this.#blocks.at(-1);
    const dropping = last !== undefined && 'dropped' in last;
    // Once it is full, a quarter must be free again: one gap with one notice is better than many small ones.
    const limit = dropping ? this.#budget.limit * 0.75 : this.#budget.limit;
    if (must || this.#budget.used + chunk.length <= limit) this.#store(chunk);
    else if (dropping) last.dropped += chunk.length;
    else this.#blocks.push({ dropped: chunk.length });
  }

  /** The next bytes to write; `report` words a place where bytes were dropped. */
  head(report: (dropped: number) => Buffer): Buffer {
    const block = this.#blocks[0];
    if (!block) return Buffer.alloc(0);
    if (!('dropped' in block)) return block.bytes.subarray(block.from, block.to);
    const bytes = report(block.dropped);
    this.#budget.used += bytes.length;
    this.#blocks[0] = { bytes, from: 0, to: bytes.length };
    return bytes;
  }

  /** `length` bytes of the head were written. */
  consume(length: number): void {
    const block = this.#blocks[0];
    if (!block || 'dropped' in block) return;
    block.from += length;
    if (block.from < block.to) return;
    this.#budget.used -= block.bytes.length;
    this.#blocks.shift();
  }

  clear(): void {
    for (const block of this.#blocks) if (!('dropped' in block)) this.#budget.used -= block.bytes.length;
    this.#blocks.length = 0;
  }

  /** Copied into blocks: a slice of a socket's buffer would keep all of that buffer, and uncounted. */
  #store(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      let block = this.#blocks.at(-1);
      if (!block || 'dropped' in block || block.to === block.bytes.length) {
        block = { bytes: Buffer.allocUnsafeSlow(blockSize), from: 0, to: 0 };
        this.#blocks.push(block);
        this.#budget.used += blockSize;
      }
      const copied = chunk.copy(block.bytes, block.to, at);
      block.to += copied;
      at += copied;
    }
  }
}
