import type { LostRequest } from './client/tally.ts';

/** How long after a kill its clients have met it, in milliseconds, on a busy machine too. */
const metMs = 2_000;

/** The connections of killed workers, by the client's port and when they were killed. */
export class Doomed {
  readonly #killed = new Map<number, number>();

  add(ports: number[]): void {
    for (const port of ports) this.#killed.set(port, Date.now());
  }

  /** Whether the request was inside a worker as that was killed. */
  has({ outcome, port, at }: LostRequest): boolean {
    const killed = port === null ? undefined : this.#killed.get(port);
    if (killed === undefined || outcome === 'refused' || outcome === 'hung') return false;
    return Math.abs(at - killed) < metMs;
  }
}
