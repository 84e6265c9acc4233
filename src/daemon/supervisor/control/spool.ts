import { lineEnd } from '../../../protocol/lines.ts';

const blockSize = 16 * 1024;
/** Blocks of one pipe (1 MiB), and of all of them together (16 MiB). */
const mostOfOne = 64;
const mostOfAll = 1024;

/** The blocks that all spools have together. */
export class SpoolRoom {
  used = 0;

  get full(): boolean {
    return this.used >= mostOfAll;
  }
}

/** The newest bytes of a pipe that no control process reads, and how many older ones had to be dropped for them. */
export class Spool {
  readonly #room: SpoolRoom;
  #blocks: Buffer[] = [];
  /** Bytes in the last block; the others are full. */
  #filled = blockSize;
  #dropped = 0;

  constructor(room: SpoolRoom) {
    this.#room = room;
  }

  get empty(): boolean {
    return this.#blocks.length === 0 && this.#dropped === 0;
  }

  /** Copies the bytes. */
  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === blockSize) this.#addBlock();
      const copied = bytes.copy(this.#blocks.at(-1)!, this.#filled, at);
      this.#filled += copied;
      at += copied;
    }
  }

  /** Counts bytes as dropped that another pipe of the same log had. */
  drop(bytes: number): void {
    this.#dropped += bytes;
  }

  /** All that is kept, from the beginning of a line on when what was before it is dropped. */
  content(): { bytes: Buffer; dropped: number } {
    const all = Buffer.concat(this.#blocks, this.#length);
    const from = this.#dropped > 0 ? lineEnd(all) : 0;
    return { bytes: all.subarray(from), dropped: this.#dropped + from };
  }

  /** Returns how many bytes there were, dropped ones too. */
  clear(): number {
    const length = this.#length + this.#dropped;
    this.#room.used -= this.#blocks.length;
    this.#blocks = [];
    this.#filled = blockSize;
    this.#dropped = 0;
    return length;
  }

  get #length(): number {
    return Math.max(0, this.#blocks.length - 1) * blockSize + (this.#blocks.length > 0 ? this.#filled : 0);
  }

  #addBlock(): void {
    const isFull = this.#blocks.length === mostOfOne || this.#room.full;
    const oldest = isFull ? this.#blocks.shift() : undefined;
    if (oldest) this.#dropped += blockSize;
    else this.#room.used += 1;
    this.#blocks.push(oldest ?? Buffer.allocUnsafeSlow(blockSize));
    this.#filled = 0;
  }
}
