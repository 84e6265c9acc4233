import type { LogEntry, ToControl } from '../../control-link.ts';

/** Entries that are kept for a control process that does not come. */
const longest = 10_000;

type Unnumbered<Entry> = Entry extends LogEntry ? Omit<Entry, 'entry'> : never;

/** What the daemon's log is to hold: each entry is kept until a control process has said that it has logged it. */
export class Journal {
  readonly #unlogged = new Map<number, LogEntry>();
  #next = 1;

  constructor(private readonly send: (message: ToControl) => void) {}

  /** For a control process that is started. */
  get unlogged(): LogEntry[] {
    return [...this.#unlogged.values()];
  }

  write(message: Unnumbered<LogEntry>): void {
    const entry: LogEntry = { ...message, entry: this.#next++ };
    this.#unlogged.set(entry.entry, entry);
    this.#unlogged.delete(entry.entry - longest);
    this.send(entry);
  }

  logged(entry: number): void {
    this.#unlogged.delete(entry);
  }
}
