import type { Files } from '../read/history.ts';
import { errorCode, type System } from '../system.ts';

/** The reader has closed its end, the terminal is gone, or the descriptor was never open. */
const readerGone = new Set(['EPIPE', 'EIO', 'EBADF']);

export interface Written {
  /** Bytes that are written, the first ones of the chunk. */
  taken: number;
  /** Why the others are not. */
  error?: unknown;
}

/** Where a log's bytes go. */
export interface Target {
  /** As messages name it. */
  readonly path: string;
  /** Writes what can be written at once; never throws. `endsLine`: a rotation may follow even without a newline. */
  write(chunk: Buffer, endsLine: boolean): Written;
  /** Finds the file again after somebody's rm or mv. Throws when it cannot be opened. */
  follow(): void;
  reopen(): void;
  /** What can be read of it now; null: nothing, or nothing twice. */
  files(): Files | null;
  close(): void;
}

/** The stream of the foreground command: `-`. */
export class OwnStream implements Target {
  readonly path: string;
  readonly #fd: number;
  readonly #system: System;

  constructor(system: System, stream: 'stdout' | 'stderr') {
    this.path = `- (${stream})`;
    this.#fd = system[stream];
    this.#system = system;
  }

  write(chunk: Buffer): Written {
    let taken = 0;
    try {
      while (taken < chunk.length) taken += this.#system.fs.writeSync(this.#fd, chunk, taken);
      return { taken };
    } catch (error) {
      // As with any command whose reader left: the rest is for nobody.
      if (readerGone.has(errorCode(error))) return { taken: chunk.length };
      return { taken, error };
    }
  }

  follow(): void {}

  reopen(): void {}

  files(): null {
    return null;
  }

  close(): void {}
}
