import type { LostRequest } from './client/tally.ts';

/** How long after a kill its clients have met it, in milliseconds, on a busy machine too. */
const metMs = 2_000;

/** The connections of killed workers, by the client's port and when they were killed. */
export class Doomed {
  readonly #killed = new Map<number, number>();

  add(ports: number[]): void {
    for (const port of ports) this.#killed.set(port, Date.now());
  }

  /** Why the request was not inside a worker as that was killed; null when it was. */
  against({ outcome, port, at }: LostRequest): string | null {
    if (outcome === 'refused' || outcome === 'hung') return outcome;
    const killed = port === null ? undefined : this.#killed.get(port);
    if (killed === undefined) return 'its connection was in no killed worker';
    return Math.abs(at - killed) < metMs ? null : `its worker was killed ${at - killed} ms before`;
  }
}
