import type { Piece } from '../../../../protocol/lines.ts';
import type { LogEvent, LogLine } from '../../../../protocol/log-schemas.ts';
import { KeptFile } from './kept-file.ts';

/** The files of a log, oldest first: paths of archives (without `.gz`) and of the current file. */
export interface Files {
  archives: string[];
  current: string;
}

export interface HistoryOptions {
  /** How many of the last lines. */
  count: number;
  entry: (piece: Piece) => LogLine;
  /** Bytes of a piece of a long line. */
  longest: number;
  /** Which lines are wanted; without it all. */
  fits?: ((line: LogLine) => boolean) | undefined;
  /** The reader has left. */
  signal: AbortSignal;
}

/**
 * What a log has kept: its last lines, oldest first. The current file is opened here and now, and read as far as it is written
 * now; an older archive is looked into only while lines are missing.
 */
export class History {
  readonly #current: KeptFile | undefined;
  readonly #files: Files;
  readonly #options: HistoryOptions;
  /** Why a file cannot be read, or not to its end. */
  readonly #unreadable = new Map<string, string>();

  constructor(files: Files, options: HistoryOptions) {
    this.#files = files;
    this.#options = options;
    this.#current = this.#try(files.current, () => KeptFile.open(files.current, options.longest));
  }

  close(): void {
    this.#current?.close();
  }

  async *lines(): AsyncGenerator<LogEvent, void> {
    const { entry, fits } = this.#options;
    for (const { file, offset } of await this.#choose()) {
      for await (const piece of this.#pieces(file, offset)) {
        const line = entry(piece);
        if (!fits || fits(line)) yield line;
      }
      const message = this.#unreadable.get(file);
      if (message !== undefined) yield { event: 'Unreadable', file, message };
    }
  }

  /** From which file on, and from where in it. */
  async #choose(): Promise<{ file: string; offset: number }[]> {
    const { count, entry, fits, signal } = this.#options;
    const wanted = fits && ((piece: Piece) => fits(entry(piece)));
    const chosen: { file: string; offset: number }[] = [];
    const { archives, current } = this.#files;
    let missing = count;
    for (const file of [current, ...archives.toReversed()]) {
      if (missing === 0) break;
      const suffix = await this.#with(file, (kept) => kept.suffix(missing, wanted, signal));
      if (suffix || this.#unreadable.has(file)) chosen.unshift({ file, offset: suffix?.offset ?? 0 });
      missing -= suffix?.lines ?? 0;
    }
    return chosen;
  }

  /** As far as it can be read. */
  async *#pieces(file: string, offset: number): AsyncGenerator<Piece, void> {
    const kept = this.#open(file);
    try {
      for await (const pieces of kept?.lines(offset) ?? []) {
        this.#options.signal.throwIfAborted();
        yield* pieces;
      }
    } catch (error) {
      this.#failed(file, error);
    } finally {
      if (kept !== this.#current) kept?.close();
    }
  }

  async #with<Value>(file: string, use: (kept: KeptFile) => Promise<Value>): Promise<Value | undefined> {
    const kept = this.#open(file);
    try {
      return kept && (await use(kept));
    } catch (error) {
      this.#failed(file, error);
      return undefined;
    } finally {
      if (kept !== this.#current) kept?.close();
    }
  }

  /** Archives are opened one at a time: there may be more of them than a process may have open. */
  #open(file: string): KeptFile | undefined {
    if (file === this.#files.current) return this.#current;
    return this.#try(file, () => KeptFile.open(file, this.#options.longest));
  }

  #try<Value>(file: string, action: () => Value): Value | undefined {
    try {
      return action();
    } catch (error) {
      this.#failed(file, error);
      return undefined;
    }
  }

  /** Throws when the reader has left: that is no fault of the file. */
  #failed(file: string, error: unknown): void {
    this.#options.signal.throwIfAborted();
    this.#unreadable.set(file, (error as Error).message);
  }
}

/** One after the other. */
export async function* inTurn(histories: History[]): AsyncGenerator<LogEvent, void> {
  for (const history of histories) yield* history.lines();
}

/** As one, by the time of their lines; a line without one stands where it is. */
export async function* byTime(histories: History[]): AsyncGenerator<LogEvent, void> {
  const sides = histories.map((history) => ({ lines: history.lines(), head: undefined as LogEvent | undefined }));
  const advance = async (side: (typeof sides)[number]) => {
    side.head = (await side.lines.next()).value ?? undefined;
  };
  try {
    for (const side of sides) await advance(side);
    for (;;) {
      const open = sides.filter(({ head }) => head !== undefined);
      if (open.length === 0) return;
      const first = open.reduce((a, b) => (timeOf(b.head) < timeOf(a.head) ? b : a));
      if (first.head) yield first.head;
      await advance(first);
    }
  } finally {
    for (const { lines } of sides) await lines.return();
  }
}

function timeOf(event: LogEvent | undefined): string {
  return (event?.event === 'Line' && event.time) || '';
}
