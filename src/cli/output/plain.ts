import type { Call } from '../../protocol/calls.ts';
import { CallError, type ErrorKind } from '../../protocol/errors.ts';
import type { LogEvent, LogsEnd } from '../../protocol/log-schemas.ts';
import type { Event, EventsEnd } from '../../protocol/schemas.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import { printable } from '../../protocol/text.ts';
import type { LiveDisplay } from './live/display.ts';
import { adviceOf, errorText } from './messages.ts';
import { inWordsOf } from './parameters.ts';
import { PlainEvents } from './plain-events.ts';
import { PlainLogs } from './plain-logs.ts';
import { eventText, statusText, waitingText } from './render.ts';
import type { Lines, Operated, Reporter } from './reporter.ts';
import { isLive, lookOf } from './terminal/look.ts';

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

/** Ends of an operation after which everything is as it was. */
const undone: ErrorKind[] = ['deploy-failed', 'deploy-aborted'];

/** The lines of naught 1.x, which scripts read; for a person at a terminal a live display, and a little more. */
export class PlainReporter implements Reporter {
  readonly #untold: string[];
  /** Of the operation that is followed, or was. */
  #display: LiveDisplay | undefined;
  #replace: ((text: string) => void) | undefined;

  constructor(
    private readonly command: string,
    private readonly noColor: boolean,
  ) {
    this.#untold = untold[command] ?? [];
  }

  async operation<Result>(call: Call<Result>, { ipcName, status }: Operated): Promise<Result> {
    if (!isLive(process.stderr)) return this.#tell(call, (event) => this.event(event));
    // Not before it is needed: the renderer is as large as all the rest.
    const { LiveDisplay } = await import('./live/display.ts');
    const display = new LiveDisplay({ verb: this.command, ipcFile: ipcName, noColor: this.noColor }, status);
    this.#display = display;
    display.begin();
    try {
      return await this.#tell(call, (event) => display.event(event));
    } finally {
      await display.end();
    }
  }

  async #tell<Result>(call: Call<Result>, show: (event: Event) => void): Promise<Result> {
    for (;;) {
      const step = await call.next();
      if (step.done) return step.value;
      show(step.value);
    }
  }

  event(event: Event): void {
    if (this.#display) this.#display.event(event);
    else if (!this.#untold.includes(event.event)) this.say(eventText(event, process.stderr.isTTY));
  }

  done(text?: string): void {
    const told = this.#display?.summary(false) ?? text;
    if (told !== undefined) this.#write(told);
  }

  say(text: string): void {
    this.#write(printable(text));
  }

  #write(text: string): void {
    if (this.#display) this.#display.say(text);
    else console.error(text);
  }

  hint(text: string): void {
    if (process.stderr.isTTY) this.say(text);
  }

  status(status: Status): void {
    const more = process.stdout.isTTY ? waitingText(status) : [];
    this.result(status, [statusText(status), ...more].join('\n'));
  }

  async overview(status: Status | CallError, about: { ipcName: string; again: boolean }): Promise<void> {
    if (isLive(process.stdout)) return this.#show(status, about);
    if (status instanceof CallError) this.failed(status, undefined);
    else this.status(status);
  }

  async #show(status: Status | CallError, { ipcName, again }: { ipcName: string; again: boolean }): Promise<void> {
    // Not before it is needed.
    const { overviewOf } = await import('./terminal/overview.ts');
    const lines =
      status instanceof CallError
        ? [errorText(status), ...[adviceOf(status) ?? []].flat()]
        : [
            statusText(status),
            ...waitingText(status),
            ...overviewOf(status, ipcName, lookOf(process.stdout, this.noColor)),
          ];
    const text = lines.join('\n');
    if (!again) return console.log(text);
    this.#replace ??= (await import('./terminal/watch.ts')).replacing();
    this.#replace(text);
  }

  result(_value: unknown, text?: string): void {
    if (text !== undefined) console.log(printable(text));
  }

  failed(error: CallError, stderrLog: string | undefined): void {
    // A second `start` prints the status of the first on stdout, as in 1.x, and on stderr what it is the status of.
    if (error.kind === 'already-running') this.status((error.detail as { status: Status }).status);
    this.say(errorText(inWordsOf(this.command, process.argv, error), stderrLog));
    if (this.#display && undone.includes(error.kind)) this.#write(this.#display.summary(true));
    const next = adviceOf(error);
    if (next !== undefined) this.hint(next);
  }

  usedWrongly(problem: string, usage: string): void {
    this.say(`${problem}\n\n${usage}`);
  }

  logs(several: boolean): Lines<LogEvent, LogsEnd> {
    return new PlainLogs(process.stdout.isTTY ? { several, color: this.#color } : null);
  }

  events(): Lines<Event, EventsEnd> {
    return new PlainEvents(process.stdout.isTTY ? { color: this.#color } : null);
  }

  get #color(): boolean {
    return isLive(process.stdout) && lookOf(process.stdout, this.noColor).color;
  }
}
