import { Readable } from 'node:stream';
import { CallError } from '../../../protocol/errors.ts';
import { encodeLine } from '../../../protocol/wire.ts';

/** Characters of a chunk. */
const chunkSize = 16 * 1024;

/**
 * The body of an answer that is made part by part; an error is its last line. Parts that are there in one turn of the event loop
 * leave as one chunk: a log has many lines, and each chunk is a write. A part never waits for the next one.
 */
export class TextStream extends Readable {
  readonly #parts: AsyncGenerator<string, void>;
  #text = '';
  #turn: NodeJS.Immediate | undefined;
  #pulling = false;
  #full = false;

  /** `first`: what was pulled already, or is being pulled. */
  constructor(
    parts: AsyncGenerator<string, void>,
    private first: IteratorResult<string, void> | Promise<IteratorResult<string, void>> | null,
  ) {
    super();
    this.#parts = parts;
  }

  override _read(): void {
    this.#full = false;
    if (!this.#pulling) void this.#pull();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearImmediate(this.#turn);
    // Without waiting: a generator that waits is ended by its signal alone.
    this.#parts.return().catch(() => {});
    done(error);
  }

  async #pull(): Promise<void> {
    this.#pulling = true;
    try {
      while (!this.#full && !this.destroyed) {
        const { value, done } = await this.#next();
        if (done) return this.#end();
        this.#text += value;
        if (this.#text.length >= chunkSize) {
          this.#flush();
          // The workers' pipes and the other readers have their turn.
          await new Promise(setImmediate);
        } else this.#turn ??= setImmediate(() => this.#flush());
      }
    } catch (error) {
      this.#text += encodeLine({ error: CallError.from(error).toWire() });
      this.#end();
    } finally {
      this.#pulling = false;
    }
  }

  #next(): IteratorResult<string, void> | Promise<IteratorResult<string, void>> {
    const { first } = this;
    this.first = null;
    return first ?? this.#parts.next();
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
