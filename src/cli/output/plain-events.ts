import type { Event, EventsEnd } from '../../protocol/schemas.ts';
import { printable } from '../../protocol/text.ts';
import { BatchedOutput } from './batched-output.ts';
import { type Color, clockText, colored, colorOf } from './label.ts';
import { countsText } from './render.ts';
import type { Lines } from './reporter.ts';

const colors: Record<string, Color> = {
  NewOnline: 'green',
  WorkerOnline: 'green',
  Ready: 'green',
  NewDeath: 'red',
  WorkerDeath: 'red',
  DeployFailed: 'red',
  WorkerOffline: 'yellow',
  DestroyNew: 'yellow',
  DestroyOld: 'yellow',
  Timeout: 'yellow',
};

/** Events on stdout, a line each, as the daemon's log has them. */
export class PlainEvents implements Lines<Event, EventsEnd> {
  readonly #output = new BatchedOutput();

  /** `terminal`: with the time of day where the user is, and colours. */
  constructor(private readonly terminal: { color: boolean } | null) {}

  event(event: Event): Promise<void> {
    return this.#output.add(Buffer.from(`${eventLine(event, this.terminal)}\n`));
  }

  async end(result: EventsEnd | undefined): Promise<void> {
    await this.#output.flush();
    if (result && result.missed > 0) console.error(`naught: ${result.missed} events are not kept any more`);
  }
}

/** `2026-01-01T00:00:00.000Z OldExit. booting: 0, … worker: 0 (pid 4711) exit code: 0 - a note`. */
export function eventLine({ event, count, worker, note, time }: Event, terminal: { color: boolean } | null): string {
  const color = terminal?.color ?? false;
  const when = colored(terminal ? clockText(time) : time, 'dim', color);
  const about = worker && colored(` worker: ${worker.slot}${endOf(worker)}`, colorOf(worker.slot), color);
  const said = note === undefined ? '' : ` - ${printable(note)}`;
  return `${when} ${colored(printable(event), colors[event], color)}. ${countsText(count)}${about ?? ''}${said}`;
}

function endOf({ pid, exitCode, signal }: NonNullable<Event['worker']>): string {
  return [
    pid === undefined ? '' : ` (pid ${pid})`,
    exitCode === undefined ? '' : ` exit code: ${exitCode}`,
    signal === undefined ? '' : ` signal: ${signal}`,
  ].join('');
}
