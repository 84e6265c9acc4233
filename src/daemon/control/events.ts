import type { Call } from '../../protocol/calls.ts';
import type { CallError } from '../../protocol/errors.ts';
import type { Event, EventsEnd, EventsParams } from '../../protocol/schemas.ts';
import { Wakes } from './wakes.ts';

/** As many as the supervisor keeps for a control process that is started again. */
const mostKept = 1_000;
const defaultLines = 100;

/**
 * The last events of the daemon. Each reader walks them with a cursor of its own: one that is slower than they come costs no queue,
 * and sees by `seq` what it has missed.
 */
export class Events {
  readonly #kept: Event[];
  #over = false;
  #lost: CallError | undefined;
  readonly #wakes = new Wakes();

  constructor(recent: readonly Event[] = []) {
    this.#kept = [...recent];
  }

  push(event: Event): void {
    if (this.#kept.push(event) > mostKept) this.#kept.shift();
    this.#wakes.wake();
  }

  /** No more will come. */
  end(): void {
    this.#over = true;
    this.#wakes.wake();
  }

  /** The supervisor is gone: who follows gets this error. */
  lose(error: CallError): void {
    this.#lost = error;
    this.#wakes.wake();
  }

  /** Throws the signal's reason when the reader leaves. */
  async *read({ since, lines, follow = false }: EventsParams, signal: AbortSignal): Call<EventsEnd> {
    let seq = this.#before(since, lines);
    let missed = 0;
    for (;;) {
      signal.throwIfAborted();
      const event = this.#after(seq);
      if (event) {
        missed += event.seq - seq - 1;
        seq = event.seq;
        yield event;
      } else if (this.#lost && follow) throw this.#lost;
      else if (this.#over || !follow) return { seq, missed };
      else await this.#wakes.next(signal);
    }
  }

  /** How many wait for the next one. */
  get followers(): number {
    return this.#wakes.size;
  }

  get #last(): number {
    return this.#kept.at(-1)?.seq ?? 0;
  }

  /** The `seq` after which a reader begins. */
  #before(since: number | undefined, lines: number | 'all' = defaultLines): number {
    if (since !== undefined) return since > this.#last ? 0 : since;
    return lines === 'all' ? 0 : Math.max(0, this.#last - lines);
  }

  /** They are numbered without a gap. */
  #after(seq: number): Event | undefined {
    const first = this.#kept[0]?.seq ?? 0;
    return this.#kept[Math.max(0, seq + 1 - first)];
  }
}
