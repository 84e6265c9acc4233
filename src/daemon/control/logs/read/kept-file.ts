import fs from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { lastLineEnd, type Piece, piecesOf } from '../../../../protocol/lines.ts';
import { errorCode } from '../system.ts';

const read = promisify(fs.read);

const blockSize = 64 * 1024;

/** The last lines of a file: where they begin, as an offset into its (unpacked) bytes, and how many they are. */
export interface Suffix {
  offset: number;
  lines: number;
}

/** One file of a log: an archive, gzipped by now or not, or the current one as long as it was when it was opened. */
export class KeptFile {
  readonly #fd: number;
  readonly #gzipped: boolean;
  readonly #size: number;
  readonly #longest: number;

  private constructor(fd: number, gzipped: boolean, longest: number) {
    this.#fd = fd;
    this.#gzipped = gzipped;
    this.#longest = longest;
    this.#size = fs.fstatSync(fd).size;
  }

  /**
   * Stays what it is when it is rotated or gzipped meanwhile. undefined: it is gone. `archive`: its path without `.gz`. `longest`: the
   * bytes of a piece.
   */
  static open(archive: string, longest: number): KeptFile | undefined {
    // In this order: the gzip is there before the plain one is removed.
    for (const path of [archive, `${archive}.gz`]) {
      try {
        return new KeptFile(openToRead(path), path !== archive, longest);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
    return undefined;
  }

  close(): void {
    fs.closeSync(this.#fd);
  }

  /** The lines from an offset on, those of a chunk together. */
  lines(offset = 0): AsyncGenerator<Piece[], void> {
    const chunks = this.#gzipped ? from(this.#unpacked(), offset) : this.#blocks(offset);
    return piecesOf(chunks, this.#longest, offset);
  }

  /** The last `count` lines. `fits`: only those count for which it is true, and the file is read from its beginning. */
  async suffix(count: number, fits: ((line: Piece) => boolean) | undefined, signal: AbortSignal): Promise<Suffix> {
    if (count === Number.POSITIVE_INFINITY) return { offset: 0, lines: 0 };
    return fits || this.#gzipped ? this.#readForwards(count, fits, signal) : this.#readBackwards(count);
  }

  async #readForwards(
    count: number,
    fits: ((line: Piece) => boolean) | undefined,
    signal: AbortSignal,
  ): Promise<Suffix> {
    const offsets: number[] = [];
    let lines = 0;
    let begins = true;
    for await (const pieces of this.lines()) {
      signal.throwIfAborted();
      for (const piece of pieces) {
        if (begins && (!fits || fits(piece))) offsets[lines++ % count] = piece.offset;
        begins = piece.ended;
      }
    }
    return { offset: lines < count ? 0 : (offsets[lines % count] ?? 0), lines: Math.min(lines, count) };
  }

  async #readBackwards(count: number): Promise<Suffix> {
    let lines = 0;
    for (let end = this.#size; end > 0; end -= blockSize) {
      const start = Math.max(0, end - blockSize);
      const block = await this.#block(start, end);
      for (let at = lastLineEnd(block); at > 0; at = lastLineEnd(block, at - 1)) {
        const offset = start + at;
        if (offset !== this.#size && ++lines === count) return { offset, lines };
      }
    }
    return { offset: 0, lines: this.#size === 0 ? 0 : lines + 1 };
  }

  async *#blocks(offset: number): AsyncGenerator<Buffer, void> {
    for (let at = offset; at < this.#size; ) {
      const block = await this.#block(at, Math.min(this.#size, at + blockSize));
      // Somebody has cut the file.
      if (block.length === 0) return;
      yield block;
      at += block.length;
    }
  }

  async #block(start: number, end: number): Promise<Buffer> {
    const { bytesRead, buffer } = await read(this.#fd, Buffer.allocUnsafe(end - start), 0, end - start, start);
    return buffer.subarray(0, bytesRead);
  }

  async *#unpacked(): AsyncGenerator<Buffer, void> {
    const gunzip = createGunzip({ chunkSize: blockSize });
    const input = Readable.from(this.#blocks(0));
    input.on('error', (error) => gunzip.destroy(error));
    try {
      yield* input.pipe(gunzip);
    } finally {
      input.destroy();
      gunzip.destroy();
    }
  }
}

/** Throws when it is no file: whoever may write to the folder can have put something there that nobody ever writes to. */
function openToRead(path: string): number {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  if (fs.fstatSync(fd).isFile()) return fd;
  fs.closeSync(fd);
  throw new Error(`${path} is no file`);
}

/** The chunks without their first `skipped` bytes. */
async function* from(chunks: AsyncIterable<Buffer>, skipped: number): AsyncGenerator<Buffer, void> {
  let left = skipped;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
