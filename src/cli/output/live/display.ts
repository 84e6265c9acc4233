import { stripVTControlCharacters } from 'node:util';
import { createLogUpdate } from 'log-update';
import type { Event } from '../../../protocol/schemas.ts';
import type { Status } from '../../../protocol/status-schemas.ts';
import { printable } from '../../../protocol/text.ts';
import { type Look, lookOf } from '../terminal/look.ts';
import { line } from '../terminal/text.ts';
import { applyEvent, applyStatus, type LiveModel, newModel } from './model.ts';
import { noteText, summaryText } from './summary.ts';
import { operationView } from './view.ts';

/** Milliseconds between two looks at the clock, and between two questions to the daemon. */
const frameMs = 100;
const askMs = 500;
/** How long an answer is waited for. The next question is asked when it has come. */
const answerMs = 1_000;

export interface Displayed {
  /** The command that began the operation. */
  verb: string;
  /** As the user gave it, for the commands that are named. */
  ipcFile: string;
  noColor: boolean;
}

/**
 * Shows an operation on stderr, frame by frame. The events come by the stream that the command follows; what no event tells, of whom
 * nothing is heard and until when, is asked of the daemon twice a second, which costs it 0.2 ms each.
 */
export class LiveDisplay {
  readonly #model: LiveModel;
  readonly #frames = createLogUpdate(process.stderr);
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onResize = () => this.#resized();
  #columns = lookOf(process.stderr, true).columns;
  /** Widths of the lines of the frame that is shown. */
  #shown: number[] = [];
  #asking: Promise<void> = Promise.resolve();
  #ended = false;
  #heard = false;

  constructor(
    private readonly what: Displayed,
    private readonly ask: (signal: AbortSignal) => Promise<Status>,
  ) {
    this.#model = newModel(performance.now());
  }

  begin(): void {
    void this.#askAgain();
    this.#timers.push(
      setInterval(() => this.#draw(), frameMs),
      setInterval(() => void this.#askAgain(), askMs),
    );
    process.stderr.on('resize', this.#onResize);
  }

  event(event: Event): void {
    this.#heard = true;
    applyEvent(this.#model, event, performance.now());
    const leaving = this.#model.workers.some(({ state }) => state === 'dying');
    const note = noteText(event, leaving);
    if (note !== undefined) this.say(printable(note));
  }

  /** A line that stays, above the frame. */
  say(text: string): void {
    if (this.#ended) process.stderr.write(`${text}\n`);
    else {
      this.#frames.clear();
      this.#shown = [];
      process.stderr.write(`${text}\n`);
      this.#draw();
    }
  }

  /** The last frame stays. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    // After a stop there is nobody to ask.
    if (this.#model.operation?.type !== 'stop') await this.#askNow();
    // What was refused has changed nothing that could be shown.
    if (this.#heard) this.#draw();
    else this.#frames.clear();
    this.#ended = true;
    process.stderr.off('resize', this.#onResize);
    this.#frames.done();
  }

  /** What has changed, in a line. failed: it is as before. */
  summary(failed: boolean): string {
    return line([[summaryText(this.#model, this.what.verb, failed, performance.now()), failed ? 'yellow' : 'green']], {
      ...this.#look(),
      columns: Number.POSITIVE_INFINITY,
    });
  }

  #look(): Look {
    return lookOf(process.stderr, this.what.noColor);
  }

  #draw(): void {
    if (this.#ended) return;
    const { verb, ipcFile } = this.what;
    const frame = operationView(this.#model, verb, ipcFile, performance.now(), this.#look()).join('\n');
    this.#frames(frame);
    this.#shown = stripVTControlCharacters(frame)
      .split('\n')
      .map((text) => text.length);
  }

  /** A terminal that has become narrower has broken the lines that were too long for it: the frame has more of them now. */
  #resized(): void {
    const { columns } = this.#look();
    const broken = this.#shown.reduce((sum, width) => sum + Math.max(0, Math.ceil(width / columns) - 1), 0);
    if (columns < this.#columns && broken > 0) process.stderr.write('\u001b[2K\u001b[1A'.repeat(broken));
    this.#columns = columns;
    this.#draw();
  }

  async #askAgain(): Promise<void> {
    const before = this.#asking;
    this.#asking = before.then(() => this.#askNow());
    await this.#asking;
  }

  /** A daemon that does not answer is no reason to end: the events go on. */
  async #askNow(): Promise<void> {
    try {
      applyStatus(this.#model, await this.ask(AbortSignal.timeout(answerMs)), performance.now());
    } catch {}
  }
}
