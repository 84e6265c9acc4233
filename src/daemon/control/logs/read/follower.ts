import { countLines, piecesIn } from '../../../../protocol/lines.ts';
import type { LogEvent } from '../../../../protocol/log-schemas.ts';
import { lineOf, type Origin, pieceSize } from './entry.ts';

/** Bytes that wait for one reader; those of the chunks, and what a chunk costs besides. */
const limit = 4 * 1024 * 1024;
const overhead = 512;

type Waiting = { origin: Origin; bytes: Buffer } | { skipped: number };

/**
 * One reader of what is written from now on. It never holds anybody back: what it is too slow for is counted and told at its
 * place, and the logs have it.
 */
export class Follower {
  readonly #wants: (origin: Origin) => boolean;
  readonly #waiting: Waiting[] = [];
  #bytes = 0;
  #over = false;
  #wake: () => void = () => {};

  constructor(wants: (origin: Origin) => boolean) {
    this.#wants = wants;
  }

  push(origin: Origin, bytes: Buffer): void {
    if (!this.#wants(origin) || this.#over) return;
    const last = this.#waiting.at(-1);
    const skipping = last !== undefined && 'skipped' in last;
    // One gap with one notice is better than many small ones.
    const room = (skipping ? limit / 2 : limit) - this.#bytes;
    if (bytes.length + overhead <= room || this.#waiting.length === 0) {
      this.#waiting.push({ origin, bytes });
      this.#bytes += bytes.length + overhead;
    } else if (skipping) last.skipped += countLines(bytes);
    else this.#waiting.push({ skipped: countLines(bytes) });
    this.#wake();
  }

  /** Nothing more will be written. */
  end(): void {
    this.#over = true;
    this.#wake();
  }

  /** Until the end. Throws the signal's reason when the reader leaves. */
  async *events(signal: AbortSignal): AsyncGenerator<LogEvent, void> {
    const wake = () => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        signal.throwIfAborted();
        const next = this.#waiting.shift();
        if (next === undefined) {
          if (this.#over) return;
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        } else if ('skipped' in next) yield { event: 'Skipped', lines: next.skipped };
        else {
          this.#bytes -= next.bytes.length + overhead;
          for (const piece of piecesIn(next.bytes, pieceSize.plain)) yield lineOf(piece, next.origin);
        }
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}

/** Everybody who follows. */
export class Followers {
  readonly #all = new Set<Follower>();

  follow(wants: (origin: Origin) => boolean): Follower {
    const follower = new Follower(wants);
    this.#all.add(follower);
    return follower;
  }

  leave(follower: Follower): void {
    this.#all.delete(follower);
  }

  get any(): boolean {
    return this.#all.size > 0;
  }

  /** `bytes` are the caller's again after the call. */
  push(origin: Origin, bytes: Buffer): void {
    if (!this.any) return;
    const copy = Buffer.from(bytes);
    for (const follower of this.#all) follower.push(origin, copy);
  }

  end(): void {
    for (const follower of this.#all) follower.end();
  }
}
