import type { Call } from '../protocol/calls.ts';
import type { LogEvent, LogLine, LogsEnd, LogsParams } from '../protocol/log-schemas.ts';
import { withDaemon } from './daemon.ts';

type Show = (event: LogEvent) => void | Promise<void>;

/** Reads logs to their end. undefined: Ctrl-C ended it, which is how one leaves who follows. */
export function readLogs(
  ipcName: string,
  params: LogsParams & { lines: number | 'all' },
  grep: RegExp | undefined,
  show: Show,
): Promise<LogsEnd | undefined> {
  const leaving = new AbortController();
  // With a pattern the default is left to end the process: while it takes for ever, no handler would have its turn.
  if (params.follow && !grep) process.once('SIGINT', () => leaving.abort());
  return withDaemon(ipcName, async (client) => {
    // A pattern of the user's may take for ever: it is never run in the daemon.
    const asked = grep && params.lines !== 0 ? { ...params, lines: 'all' as const } : params;
    const call = client.call('logs', asked, { stream: true, signal: leaving.signal });
    try {
      return await end(grep ? matching(call, grep, params.lines) : call, show);
    } catch (error) {
      if (leaving.signal.aborted) return undefined;
      throw error;
    }
  });
}

async function end(call: Call<LogsEnd, LogEvent>, show: Show): Promise<LogsEnd> {
  for (;;) {
    const step = await call.next();
    if (step.done) return step.value;
    await show(step.value);
  }
}

/** Only the lines that the pattern is found in: the last `count` of what each log has kept, then each that is written. */
export async function* matching(
  call: Call<LogsEnd, LogEvent>,
  pattern: RegExp,
  count: number | 'all',
): Call<LogsEnd, LogEvent> {
  const kept = new Kept(count === 'all' ? Number.POSITIVE_INFINITY : count);
  let live = count === 'all' || count === 0;
  let lines = 0;
  for (;;) {
    const { value, done } = await call.next();
    if (done || (value.event === 'Live' && !live)) {
      for (const line of kept.lines()) {
        lines += 1;
        yield line;
      }
      live = true;
    }
    if (done) return { ...value, lines };
    if (value.event !== 'Line') yield value;
    else if (pattern.test(value.line)) {
      if (live) {
        lines += 1;
        yield value;
      } else kept.push(value);
    }
  }
}

/** The last lines of each log, in the order in which they came. */
class Kept {
  readonly #byStream = new Map<string, { at: number; line: LogLine }[]>();
  #at = 0;

  constructor(private readonly count: number) {}

  push(line: LogLine): void {
    const lines = this.#byStream.get(line.stream) ?? [];
    this.#byStream.set(line.stream, lines);
    lines.push({ at: this.#at++, line });
    // Not at every line: that would copy them again and again.
    if (lines.length >= 2 * this.count) lines.splice(0, lines.length - this.count);
  }

  *lines(): Generator<LogLine, void> {
    const all = [...this.#byStream.values()].flatMap((lines) => lines.slice(-this.count));
    this.#byStream.clear();
    for (const { line } of all.sort((a, b) => a.at - b.at)) yield line;
  }
}
