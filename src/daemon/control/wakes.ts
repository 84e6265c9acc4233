/** Those who wait for the next change of something. */
export class Wakes {
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#waiting.size;
  }

  /** Resolves at the next `wake`. Rejects with the signal's reason when it is aborted before. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', leave);
        finish();
      };
      const wake = settle(resolve);
      const leave = settle(() => reject(signal.reason));
      this.#waiting.add(wake);
      signal.addEventListener('abort', leave);
    });
  }

  wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
