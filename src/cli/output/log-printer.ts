import { once } from 'node:events';
import type { LogEvent, LogLine, LogsEnd } from '../../protocol/log-schemas.ts';

interface Options {
  /** Prints what the API gives, line by line. */
  json: boolean;
  /** Says of each line where it is from. */
  named: boolean;
}

/** Bytes of one write: a write for each line would take longer than all the rest. */
const writeSize = 64 * 1024;

/** Prints log lines on stdout, byte for byte; what comes in one turn of the event loop is written together. */
export class LogPrinter {
  readonly #options: Options;
  readonly #waiting: Buffer[] = [];
  #size = 0;
  #turn: NodeJS.Immediate | undefined;
  /** The write in progress: one at a time, and nobody goes on before it is done. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Whose line is not finished yet. */
  #unfinished = '';

  constructor(options: Options) {
    this.#options = options;
    // `naught logs -f | head`: whoever has seen enough goes away.
    process.stdout.on('error', () => process.exit(0));
  }

  async print(event: LogEvent): Promise<void> {
    if (this.#options.json) await this.#add(jsonLine(event));
    else if (event.event === 'Line') await this.#add(this.#bytes(event));
    else if (event.event === 'Skipped') process.stderr.write(`naught: ${event.lines} lines were too many to show\n`);
  }

  /** To be called at the end. `result`: for JSON, where there is one. */
  async end(result: LogsEnd | undefined): Promise<void> {
    if (this.#options.json && result) await this.#add(jsonLine({ result }));
    await this.#flush();
  }

  async #add(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    if (this.#size >= writeSize) await this.#flush();
    else {
      await this.#writing;
      this.#turn ??= setImmediate(() => void this.#flush());
    }
  }

  async #flush(): Promise<void> {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#size = 0;
    const bytes = Buffer.concat(this.#waiting.splice(0));
    if (bytes.length > 0 && !process.stdout.write(bytes)) this.#writing = once(process.stdout, 'drain');
    await this.#writing;
  }

  #bytes(line: LogLine): Buffer {
    const bytes = Buffer.from(line.base64 ?? line.line, line.base64 === undefined ? 'utf8' : 'base64');
    const writer = `${line.stream} ${line.pid}`;
    const goesOn = this.#unfinished === writer;
    const end = this.#unfinished !== '' && !goesOn ? '\n' : '';
    const name = this.#options.named && !goesOn ? `${nameOf(line)}| ` : '';
    this.#unfinished = line.partial ? writer : '';
    return Buffer.concat([Buffer.from(end + name), bytes, Buffer.from(line.partial ? '' : '\n')]);
  }
}

/** `stderr 2 `; the worker where it is known. */
function nameOf({ stream, slot }: LogLine): string {
  return slot === undefined ? `${stream} ` : `${stream} ${slot} `;
}

function jsonLine(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}
