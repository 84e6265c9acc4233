import type { Call } from '../../protocol/calls.ts';
import type { CallError } from '../../protocol/errors.ts';
import type { LogEvent, LogsEnd } from '../../protocol/log-schemas.ts';
import type { Event, EventsEnd } from '../../protocol/schemas.ts';
import type { Status } from '../../protocol/status-schemas.ts';

/** What a command hands its events and its result to, and the only one who knows of streams. */
export interface Reporter {
  /** Follows an operation to its end, and shows how far it is. Throws what the call throws. */
  operation<Result>(call: Call<Result>, about: Operated): Promise<Result>;
  /** An event of an operation whose end the command does not wait for here. */
  event(event: Event): void;
  /** The operation has ended as it should. `text`: what 1.x says then, if anything. */
  done(text?: string): void;
  /** What the command does on the way. */
  say(text: string): void;
  /** What a person should know, and no script expects. */
  hint(text: string): void;
  status(status: Status): void;
  /** All that there is to say of it, or why there is none. again: in the place of what was shown before, where that can be. */
  overview(status: Status | CallError, about: { ipcName: string; again: boolean }): Promise<void>;
  /** The result; `text`: what a person reads of it, if anything. */
  result(value: unknown, text?: string): void;
  failed(error: CallError, stderrLog: string | undefined): void;
  usedWrongly(problem: string, usage: string): void;
  /** Log lines; `several`: of more than one log. */
  logs(several: boolean): Lines<LogEvent, LogsEnd>;
  /** Events of the daemon. */
  events(): Lines<Event, EventsEnd>;
}

/** What else there is to know of an operation that is shown. */
export interface Operated {
  /** As the user gave it, for the commands that are named. */
  ipcName: string;
  /** Asks the daemon how far it is. */
  status(signal: AbortSignal): Promise<Status>;
}

/** A line for each of what a call yields. Whoever prints waits for each: a slow reader is waited for. */
export interface Lines<Yielded, Result> {
  event(event: Yielded): Promise<void>;
  /** To be called once, at the end. `result`: undefined when it was left before. */
  end(result: Result | undefined): Promise<void>;
}
