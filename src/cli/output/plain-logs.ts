import type { LogEvent, LogLine, LogsEnd } from '../../protocol/log-schemas.ts';
import { BatchedOutput } from './batched-output.ts';
import { clockText, colored, colorOf } from './label.ts';
import type { Lines } from './reporter.ts';

/** How lines are labelled on a terminal. */
interface Labels {
  /** They are of more than one log. */
  several: boolean;
  color: boolean;
}

/** Log lines on stdout, byte for byte. */
export class PlainLogs implements Lines<LogEvent, LogsEnd> {
  readonly #output = new BatchedOutput();
  /** Whose line is not finished yet. */
  #unfinished = '';

  /** `labels`: says of each line where it is from, and when it was written. */
  constructor(private readonly labels: Labels | null) {}

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
    const name = this.labels && !goesOn ? labelOf(line, this.labels) : '';
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

/** `14:03:21.123 stderr 2 | `: when and by which worker, where that is known; the log where there are several. */
export function labelOf({ stream, slot, time }: LogLine, { several, color }: Labels): string {
  const when = time === undefined ? '' : `${colored(clockText(time), 'dim', color)} `;
  const where = several ? `${colored(stream, stream === 'stderr' ? 'red' : undefined, color)} ` : '';
  const who = slot === undefined ? '' : `${colored(String(slot), colorOf(slot), color)} `;
  const label = when + where + who;
  return label === '' ? '' : `${label}| `;
}
