import type { Event } from '../../../protocol/schemas.ts';
import type { OperationEnd, OperationKind, OperationRecord } from '../../control-link.ts';

/** A deploy that never ends may spawn for ever: what comes after so many events a control process started later does not see. */
const longestRecord = 10_000;

/** The operation in progress, kept here so that a control process that is started again can go on showing it. */
export class Recorder {
  #last: OperationRecord | null = null;

  get last(): OperationRecord | null {
    return this.#last;
  }

  /** null when nothing is in progress. */
  get current(): OperationRecord | null {
    return this.#last?.end === undefined ? this.#last : null;
  }

  start(id: number, kind: OperationKind): OperationRecord {
    this.#last = { id, kind, events: [] };
    return this.#last;
  }

  record(event: Event): void {
    const { current } = this;
    if (current && current.events.length < longestRecord) current.events.push(event);
  }

  finish(end: OperationEnd): OperationRecord | null {
    const { current } = this;
    if (current) current.end = end;
    return current;
  }
}
