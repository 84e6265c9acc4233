import type { Call } from '../../protocol/calls.ts';
import type { LogEvent, LogLine, LogsEnd } from '../../protocol/log-schemas.ts';

/** Only the lines that the pattern is found in: the last `count` of what each log has kept, then each that is written. */
export async function* matching(
  call: Call<LogsEnd, LogEvent>,
  pattern: RegExp,
  count: number | 'all',
): Call<LogsEnd, LogEvent> {
  const filter = new Filter(pattern, count);
  for (;;) {
    const { value, done } = await call.next();
    if (!done) yield* filter.take(value);
    else {
      yield* filter.endKept();
      return { ...value, lines: filter.lines };
    }
  }
}

class Filter {
  /** How many it has let through. */
  lines = 0;
  /** What the logs have kept, until that is over; null from then on, and where all or nothing of it is wanted. */
  #kept: LogLine[] | null;

  constructor(
    private readonly pattern: RegExp,
    private readonly count: number | 'all',
  ) {
    this.#kept = count === 'all' || count === 0 ? null : [];
  }

  *take(event: LogEvent): Generator<LogEvent, void> {
    if (event.event === 'Live') yield* this.endKept();
    if (event.event !== 'Line') yield event;
    else if (!this.pattern.test(event.line)) return;
    else if (this.#kept) this.#keep(this.#kept, event);
    else yield* this.#through([event]);
  }

  *endKept(): Generator<LogLine, void> {
    const kept = this.#kept ?? [];
    this.#kept = null;
    yield* this.#through(this.#lastOfEach(kept));
  }

  *#through(lines: LogLine[]): Generator<LogLine, void> {
    this.lines += lines.length;
    yield* lines;
  }

  #keep(kept: LogLine[], line: LogLine): void {
    kept.push(line);
    // Not at every line: that would copy them again and again.
    if (kept.length >= 8 * Number(this.count)) this.#kept = this.#lastOfEach(kept);
  }

  /** The last lines of each log, of which there are three, in the order in which they came. */
  #lastOfEach(lines: LogLine[]): LogLine[] {
    const seen = new Map<string, number>();
    const isLast = ({ stream }: LogLine) => {
      seen.set(stream, (seen.get(stream) ?? 0) + 1);
      return seen.get(stream)! <= Number(this.count);
    };
    return lines.reverse().filter(isLast).reverse();
  }
}
