import { Readable } from 'node:stream';

/** Characters of a chunk. */
const chunkSize = 16 * 1024;

/**
 * The body of an NDJSON answer. Lines that are there in one turn of the event loop leave as one chunk: a log has many of them,
 * and each chunk is a write. A line never waits for the next one.
 */
export class LineStream extends Readable {
  readonly #lines: AsyncGenerator<string>;
  #text = '';
  #turn: NodeJS.Immediate | undefined;
  #pulling = false;
  #full = false;

  constructor(lines: AsyncGenerator<string>) {
    super();
    this.#lines = lines;
  }

  override _read(): void {
    this.#full = false;
    if (!this.#pulling) void this.#pull();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearImmediate(this.#turn);
    // Without waiting: a generator that waits is ended by its signal alone.
    this.#lines.return(undefined).catch(() => {});
    done(error);
  }

  async #pull(): Promise<void> {
    this.#pulling = true;
    try {
      while (!this.#full && !this.destroyed) {
        const { value, done } = await this.#lines.next();
        if (done) return this.#end();
        this.#text += value;
        if (this.#text.length >= chunkSize) {
          this.#flush();
          // The workers' pipes and the other readers have their turn.
          await new Promise(setImmediate);
        } else this.#turn ??= setImmediate(() => this.#flush());
      }
    } catch (error) {
      this.destroy(error as Error);
    } finally {
      this.#pulling = false;
    }
  }

  #flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    if (this.destroyed || this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#full = !this.push(text);
  }

  #end(): void {
    this.#flush();
    if (!this.destroyed) this.push(null);
  }
}
