import type { Event } from '../../../protocol/schemas.ts';
import type { OperationEnd, OperationKind, OperationRecord } from '../../control-link.ts';

/** The last events of all, for those who ask for them; more of them is what the log is for. */
const mostRecent = 1_000;

/** A deploy that never ends may spawn for ever: what comes after so many events a control process started later does not see. */
const longestRecord = 10_000;

/** The operation in progress and the last events, kept here so that a control process that is started again can go on showing them. */
export class Recorder {
  readonly recent: Event[] = [];
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
    if (this.recent.push(event) > mostRecent) this.recent.shift();
    const { current } = this;
    if (current && current.events.length < longestRecord) current.events.push(event);
  }

  finish(end: OperationEnd): OperationRecord | null {
    const { current } = this;
    if (current) current.end = end;
    return current;
  }
}
