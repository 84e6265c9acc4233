/** Milliseconds of one work, after which the workers' pipes and other clients have their turn. */
const longestMs = 10;

const waiting: (() => void)[] = [];

/**
 * Resolves in a turn of the event loop that nobody else got from here: work that takes long, be it one client's or that of many at
 * once, is done a piece a turn.
 */
export function turnOfItsOwn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.push(resolve) === 1) setImmediate(giveTurn);
  });
}

function giveTurn(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(giveTurn);
}

/** Work of many small parts, which goes on for as long as it is not too much for one turn. */
export class Turn {
  #began = performance.now();

  /** Between two parts. */
  async share(): Promise<void> {
    if (performance.now() - this.#began < longestMs) return;
    await turnOfItsOwn();
    this.#began = performance.now();
  }
}
