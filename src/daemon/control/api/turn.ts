import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work in one go, after which the workers' pipes and other clients have their turn. */
const longestMs = 10;

/** A long piece of work that shares the event loop with everybody else. */
export class Turn {
  #began = performance.now();

  /** Between two parts of the work. */
  async share(): Promise<void> {
    if (performance.now() - this.#began < longestMs) return;
    await setImmediate();
    this.#began = performance.now();
  }
}
