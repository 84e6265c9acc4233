import type { CallError } from '../../protocol/errors.ts';
import type { Event } from '../../protocol/schemas.ts';
import type { OperationEnd, OperationKind, OperationRecord } from '../control-link.ts';
import { Wakes } from './wakes.ts';

/**
 * An operation as its followers see it: an append-only list of events and an end. Each follower walks the list with a cursor of
 * its own, so that a late one sees it from the start and a slow one costs no queue.
 */
export class Operation {
  readonly id: number;
  readonly kind: OperationKind;
  readonly #events: Event[];
  #end: OperationEnd | undefined;
  #lost: CallError | undefined;
  readonly #wakes = new Wakes();

  constructor({ id, kind, events, end }: OperationRecord) {
    this.id = id;
    this.kind = kind;
    this.#events = [...events];
    this.#end = end;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  push(event: Event): void {
    if (this.ended) return;
    this.#events.push(event);
    this.#wakes.wake();
  }

  end(end: OperationEnd): void {
    this.#end ??= end;
    this.#wakes.wake();
  }

  /** Nobody knows any more how it ends: its followers get this error. */
  lose(error: CallError): void {
    this.#lost = error;
    this.#wakes.wake();
  }

  /** Whether the event of this number is one of its own, or came later. */
  reaches(seq: number): boolean {
    const [first] = this.#events;
    return first !== undefined && first.seq <= seq;
  }

  /** Its events after the one of that number, and its end. Throws the signal's reason when the follower leaves. */
  async *follow(signal: AbortSignal, since = 0): AsyncGenerator<Event, OperationEnd, void> {
    for (let cursor = 0; ; ) {
      signal.throwIfAborted();
      const event = this.#events[cursor];
      if (event) {
        cursor += 1;
        if (event.seq > since) yield event;
      } else if (this.#end) return this.#end;
      else if (this.#lost) throw this.#lost;
      else await this.#wakes.next(signal);
    }
  }
}
