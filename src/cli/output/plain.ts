import type { CallError } from '../../protocol/errors.ts';
import type { LogEvent, LogLine } from '../../protocol/log-schemas.ts';
import type { Event, Status } from '../../protocol/schemas.ts';
import { printable } from '../../protocol/text.ts';
import { BatchedOutput } from './batched-output.ts';
import { errorText } from './messages.ts';
import { eventText, statusText, waitingText } from './render.ts';
import type { LogReporter, Reporter } from './reporter.ts';

const ofDeploy = ['Ready', 'DeployFailed'];

/** Events that a command tells in its own words, or that say nothing new: as in 1.x they have no line. */
const untold: Record<string, string[]> = {
  start: ['Ready', 'Shutdown'],
  deploy: ofDeploy,
  rollback: ofDeploy,
  restart: ofDeploy,
  scale: ofDeploy,
  promote: ofDeploy,
  'deploy-abort': ['Ready'],
  stop: ['Ready', 'Shutdown', 'WorkerDeath'],
};

/** The lines of naught 1.x, which scripts read, and a little more for a person at a terminal. */
export class PlainReporter implements Reporter {
  readonly #untold: string[];

  constructor(command: string | undefined) {
    this.#untold = untold[command ?? ''] ?? [];
  }

  event(event: Event): void {
    if (!this.#untold.includes(event.event)) this.say(eventText(event, process.stderr.isTTY));
  }

  say(text: string): void {
    console.error(printable(text));
  }

  hint(text: string): void {
    if (process.stderr.isTTY) this.say(text);
  }

  status(status: Status): void {
    const more = process.stdout.isTTY ? waitingText(status) : [];
    this.result(status, [statusText(status), ...more].join('\n'));
  }

  result(_value: unknown, text?: string): void {
    if (text !== undefined) console.log(printable(text));
  }

  failed(error: CallError, stderrLog: string | undefined): void {
    // A second `start` prints the status of the first on stdout, as in 1.x, and on stderr what it is the status of.
    if (error.kind === 'already-running') this.status((error.detail as { status: Status }).status);
    this.say(errorText(error, stderrLog));
  }

  usedWrongly(problem: string, usage: string): void {
    this.say(`${problem}\n\n${usage}`);
  }

  logs(several: boolean): LogReporter {
    return new PlainLogs(several && process.stdout.isTTY);
  }
}

/** Log lines on stdout, byte for byte. */
class PlainLogs implements LogReporter {
  readonly #output = new BatchedOutput();
  /** Whose line is not finished yet. */
  #unfinished = '';

  /** `named`: says of each line where it is from. */
  constructor(private readonly named: boolean) {}

  async event(event: LogEvent): Promise<void> {
    if (event.event === 'Line') await this.#output.add(this.#bytes(event));
    else if (event.event !== 'Live') console.error(`naught: ${missingText(event)}`);
  }

  end(): Promise<void> {
    return this.#output.flush();
  }

  #bytes(line: LogLine): Buffer {
    const bytes = Buffer.from(line.base64 ?? line.line, line.base64 === undefined ? 'utf8' : 'base64');
    const writer = `${line.stream} ${line.pid}`;
    const goesOn = this.#unfinished === writer;
    const end = this.#unfinished !== '' && !goesOn ? '\n' : '';
    const name = this.named && !goesOn ? `${nameOf(line)}| ` : '';
    this.#unfinished = line.partial ? writer : '';
    return Buffer.concat([Buffer.from(end + name), bytes, Buffer.from(line.partial ? '' : '\n')]);
  }
}

/** Why lines are missing at this place. */
function missingText(event: Exclude<LogEvent, { event: 'Line' | 'Live' }>): string {
  switch (event.event) {
    case 'Skipped':
      return `${event.lines} lines were too many to show`;
    case 'Unreadable':
      return `lines of ${event.file} are missing, which cannot be read: ${event.message}`;
    case 'Waiting':
      return `${event.bytes} bytes are not shown: ${event.log} cannot be written, and they wait in memory`;
  }
}

/** `stderr 2 `; the worker where it is known. */
function nameOf({ stream, slot }: LogLine): string {
  return slot === undefined ? `${stream} ` : `${stream} ${slot} `;
}
