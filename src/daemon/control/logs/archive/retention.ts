import type { Archive, Archives } from './archives.ts';

/** Milliseconds before the folder is looked through after a rotation: at least, and as a multiple of what the last look took. */
const shortestPause = 100;
const pauseFactor = 4;
/** Archives that are removed in one go. */
const batch = 500;

/**
 * Removes the oldest archives over the number to keep, in the background: a folder of many thousand archives takes long to look
 * through, and a burst may rotate a thousand times a second.
 */
export class Retention {
  readonly #archives: Archives;
  readonly #keep: number;
  readonly #onError: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #pause = shortestPause;
  #fails = false;

  /** `onError`: it did not work, and did the time before. */
  constructor(archives: Archives, keep: number, onError: (error: unknown) => void) {
    this.#archives = archives;
    this.#keep = keep;
    this.#onError = onError;
  }

  trimSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const start = performance.now();
      const isMore = this.#trim(batch);
      this.#pause = Math.max(shortestPause, pauseFactor * (performance.now() - start));
      if (isMore) this.trimSoon();
    }, this.#pause).unref();
  }

  /** Removes all that is over the number now. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#trim(Number.POSITIVE_INFINITY);
  }

  /** Returns whether there are more to remove. */
  #trim(most: number): boolean {
    try {
      const archives = this.#archives.list().filter(({ hasPlain, hasGzip }) => hasPlain || hasGzip);
      const excess = archives.slice(0, Math.max(0, archives.length - this.#keep));
      this.#remove(excess.slice(0, most));
      this.#fails = false;
      return excess.length > most;
    } catch (error) {
      if (!this.#fails) this.#onError(error);
      this.#fails = true;
      return false;
    }
  }

  /** Throws the first error, after all that can be removed is. */
  #remove(archives: Archive[]): void {
    const errors: unknown[] = [];
    for (const archive of archives) {
      try {
        this.#archives.remove(archive);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
