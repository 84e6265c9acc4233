import type { CallError } from '../../protocol/errors.ts';
import type { LogEvent, LogsEnd } from '../../protocol/log-schemas.ts';
import type { Event, Status } from '../../protocol/schemas.ts';

/** What a command hands its events and its result to, and the only one who knows of streams. */
export interface Reporter {
  /** An event of the operation that the command follows. */
  event(event: Event): void;
  /** What the command does on the way. */
  say(text: string): void;
  /** What a person should know, and no script expects. */
  hint(text: string): void;
  status(status: Status): void;
  /** The result; `text`: what a person reads of it, if anything. */
  result(value: unknown, text?: string): void;
  failed(error: CallError, stderrLog: string | undefined): void;
  usedWrongly(problem: string, usage: string): void;
  /** Log lines; `several`: of more than one log. */
  logs(several: boolean): LogReporter;
}

/** Whoever prints waits for each: a slow reader is waited for. */
export interface LogReporter {
  event(event: LogEvent): Promise<void>;
  /** To be called once, at the end. `result`: undefined when it was left before. */
  end(result: LogsEnd | undefined): Promise<void>;
}
