import { lossesKept, type Tally } from './tally.ts';
import type { Outcome, Target } from './wire.ts';

/** run: go on. last: begin nothing more; connections that live long are kept until the server ends them. stop: leave now. */
export type Mode = 'run' | 'last' | 'stop';

/** One client of a kind: counts its requests, and leaves when it is told. */
export class Client {
  mode: Mode = 'run';
  #wake: (() => void) | null = null;

  constructor(
    readonly target: Target,
    private readonly tally: Tally,
  ) {}

  get running(): boolean {
    return this.mode === 'run';
  }

  turn(mode: Mode): void {
    this.mode = mode;
    this.#wake?.();
  }

  begin(): void {
    this.tally.open += 1;
  }

  /** The request that was begun on this connection has come to this end. */
  count(outcome: Outcome | 'again', { port }: { port: number | null }, detail = ''): void {
    this.tally.open -= 1;
    this.tally[outcome] += 1;
    if (outcome !== 'ok' && outcome !== 'again' && this.tally.losses.length < lossesKept) {
      this.tally.losses.push({ outcome, detail, at: Date.now(), port });
    }
  }

  /** A pause of that many milliseconds, which the end of the run cuts short. */
  think(ms: number): Promise<void> {
    if (!this.running) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#wake = done;
    });
  }
}
