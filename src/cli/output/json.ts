import type { Call } from '../../protocol/calls.ts';
import { CallError } from '../../protocol/errors.ts';
import type { LogEvent, LogsEnd } from '../../protocol/log-schemas.ts';
import type { Event, EventsEnd } from '../../protocol/schemas.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import { BatchedOutput } from './batched-output.ts';
import type { Lines, Reporter } from './reporter.ts';

/** For programs: the result, or the error, is one line on stdout, and there is nothing else. */
export class JsonReporter implements Reporter {
  async operation<Result>(call: Call<Result>): Promise<Result> {
    for (;;) {
      const step = await call.next();
      if (step.done) return step.value;
    }
  }

  event(): void {}
  done(): void {}
  say(): void {}
  hint(): void {}

  status(status: Status): void {
    this.result(status);
  }

  async overview(status: Status | CallError): Promise<void> {
    if (status instanceof CallError) this.failed(status);
    else this.status(status);
  }

  result(value: unknown): void {
    console.log(JSON.stringify(value));
  }

  failed(error: CallError): void {
    this.result({ error: error.toWire() });
  }

  usedWrongly(problem: string): void {
    this.failed(new CallError('invalid-params', problem));
  }

  logs(): Lines<LogEvent, LogsEnd> {
    return asTheyAre();
  }

  events(): Lines<Event, EventsEnd> {
    return asTheyAre();
  }
}

/** What the API says, line by line. */
function asTheyAre<Yielded, Result>(): Lines<Yielded, Result> {
  const output = new BatchedOutput();
  const add = (line: Yielded | { result: Result }) => output.add(Buffer.from(`${JSON.stringify(line)}\n`));
  return {
    event: add,
    end: async (result) => {
      if (result) await add({ result });
      await output.flush();
    },
  };
}
