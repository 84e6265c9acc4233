import { once } from 'node:events';

/** Bytes of one write: a write for each line would take longer than all the rest. */
const writeSize = 64 * 1024;

/** Writes to stdout; what comes in one turn of the event loop is written together. */
export class BatchedOutput {
  readonly #waiting: Buffer[] = [];
  #size = 0;
  #turn: NodeJS.Immediate | undefined;
  /** The write in progress: one at a time, and nobody goes on before it is done. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor() {
    // `naught logs -f | head`: whoever has seen enough goes away.
    process.stdout.on('error', () => process.exit(0));
  }

  async add(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= writeSize) return this.flush();
    await this.#writing;
    this.#turn ??= setImmediate(() => void this.flush());
  }

  async flush(): Promise<void> {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#size = 0;
    const bytes = Buffer.concat(this.#waiting.splice(0));
    if (bytes.length > 0 && !process.stdout.write(bytes)) this.#writing = once(process.stdout, 'drain');
    await this.#writing;
  }
}
