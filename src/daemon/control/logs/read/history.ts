import type { Piece } from '../../../../protocol/lines.ts';
import type { LogLine } from '../../../../protocol/log-schemas.ts';
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
  readonly #archives: string[];
  readonly #options: HistoryOptions;

  constructor({ archives, current }: Files, options: HistoryOptions) {
    this.#archives = archives;
    this.#current = KeptFile.open(current, options.longest);
    this.#options = options;
  }

  close(): void {
    this.#current?.close();
  }

  async *lines(): AsyncGenerator<LogLine, void> {
    const { entry, fits } = this.#options;
    for (const { file, offset } of await this.#choose()) {
      for await (const piece of this.#pieces(file, offset)) {
        const line = entry(piece);
        if (!fits || fits(line)) yield line;
      }
    }
  }

  /** From which file on, and from where in it. */
  async #choose(): Promise<{ file: string | null; offset: number }[]> {
    const { count, entry, fits, signal } = this.#options;
    const wanted = fits && ((piece: Piece) => fits(entry(piece)));
    const chosen: { file: string | null; offset: number }[] = [];
    let missing = count;
    for (const file of [null, ...this.#archives.toReversed()]) {
      if (missing === 0) break;
      const suffix = await this.#with(file, (kept) => kept.suffix(missing, wanted, signal));
      if (suffix) chosen.unshift({ file, offset: suffix.offset });
      missing -= suffix?.lines ?? 0;
    }
    return chosen;
  }

  async *#pieces(file: string | null, offset: number): AsyncGenerator<Piece, void> {
    const kept = file === null ? this.#current : KeptFile.open(file, this.#options.longest);
    try {
      for await (const pieces of kept?.lines(offset) ?? []) {
        this.#options.signal.throwIfAborted();
        yield* pieces;
      }
    } finally {
      if (file !== null) kept?.close();
    }
  }

  /** Archives are opened one at a time: there may be more of them than a process may have open. */
  async #with<Value>(file: string | null, use: (kept: KeptFile) => Promise<Value>): Promise<Value | undefined> {
    const kept = file === null ? this.#current : KeptFile.open(file, this.#options.longest);
    try {
      return kept && (await use(kept));
    } finally {
      if (file !== null) kept?.close();
    }
  }
}

/** One after the other. */
export async function* inTurn(histories: History[]): AsyncGenerator<LogLine, void> {
  for (const history of histories) yield* history.lines();
}

/** As one, by the time of their lines; a line without one stands where it is. */
export async function* byTime(histories: History[]): AsyncGenerator<LogLine, void> {
  const sides = histories.map((history) => ({ lines: history.lines(), head: undefined as LogLine | undefined }));
  const advance = async (side: (typeof sides)[number]) => {
    side.head = (await side.lines.next()).value ?? undefined;
  };
  try {
    for (const side of sides) await advance(side);
    for (;;) {
      const open = sides.filter(({ head }) => head !== undefined);
      if (open.length === 0) return;
      const first = open.reduce((a, b) => ((b.head?.time ?? '') < (a.head?.time ?? '') ? b : a));
      if (first.head) yield first.head;
      await advance(first);
    }
  } finally {
    for (const { lines } of sides) await lines.return();
  }
}
