import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOf } from '../../protocol/calls.ts';
import type { Client } from '../../protocol/client.ts';
import { CallError } from '../../protocol/errors.ts';
import type { LogEvent } from '../../protocol/log-schemas.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import { follow, ipcPath } from '../daemon.ts';
import { errorText } from '../output/messages.ts';
import { lookOf } from '../output/terminal/look.ts';
import { whyUnreachable } from '../output/unreachable.ts';
import { type Action, actions } from './actions.ts';
import { History } from './history.ts';
import { Screen } from './screen.ts';
import { type TopModel, topView } from './view.ts';

const askMs = 1_000;
/** Log lines may come in thousands: what they change is drawn so often. */
const frameMs = 100;
/** Log lines that are kept: more than any screen has. */
const mostLines = 300;
/** How long an answer is waited for. */
const answerMs = 5_000;

const quit = ['q', 'Q', '\u0003'];

/** `top`: what is shown, what is asked of the daemon, and what the keys do. */
export class Session {
  readonly #model: TopModel;
  readonly #screen: Screen;
  readonly #leaving = new AbortController();
  #frame: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: Client,
    status: Status,
    ipcFile: string,
    private readonly noColor: boolean,
  ) {
    const history = new History();
    history.add(status);
    this.#model = { ipcFile, status, trouble: null, history, logs: [], asked: null, message: null, help: false };
    this.#screen = new Screen(
      (key) => this.#press(key),
      () => this.#draw(),
    );
  }

  /** Until the user leaves. */
  async run(): Promise<void> {
    const { signal } = this.#leaving;
    this.#screen.enter();
    try {
      await Promise.all([this.#look(signal), this.#read(signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      clearTimeout(this.#frame);
      this.#screen.leave();
    }
  }

  #draw(): void {
    clearTimeout(this.#frame);
    this.#frame = undefined;
    this.#screen.draw(topView(this.#model, lookOf(process.stdout, this.noColor)));
  }

  #drawSoon(): void {
    this.#frame ??= setTimeout(() => this.#draw(), frameMs);
  }

  #press(key: string): void {
    const { asked } = this.#model;
    if (quit.includes(key)) return this.#leaving.abort();
    this.#model.asked = null;
    if (asked) {
      if (key === 'y' || key === 'Y') void this.#act(asked);
    } else if (key === '?' || key === 'h') this.#model.help = !this.#model.help;
    else {
      this.#model.asked = actions.find((action) => action.key === key) ?? null;
      this.#model.help = false;
    }
    this.#draw();
  }

  /** How far it is the status says. */
  async #act({ name, method, params }: Action): Promise<void> {
    this.#model.message = `${name} …`;
    try {
      const { release, count } = await follow(this.client.call(method, params as never, { stream: true }));
      this.#model.message = `${name} done: release ${release}, ${count.online} online`;
    } catch (error) {
      this.#model.message = errorText(CallError.from(error));
    }
    this.#drawSoon();
  }

  /** Each second. A daemon that is gone may come back. */
  async #look(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const answer = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
        this.#model.status = await follow(this.client.call('status', {}, { signal: answer }));
        this.#model.history.add(this.#model.status);
        this.#model.trouble = null;
      } catch (error) {
        signal.throwIfAborted();
        this.#model.trouble = `${this.#why(error)}; waiting for it`;
      }
      this.#drawSoon();
      await sleep(askMs, undefined, { signal });
    }
  }

  #why(error: unknown): string {
    if ((error as Error).name === 'TimeoutError') return 'the daemon does not answer';
    const { ipcFile } = this.#model;
    return errorText(CallError.from(whyUnreachable(error, ipcFile, ipcPath(ipcFile), undefined)));
  }

  /** The last lines and those that come, from the beginning again when the daemon has come back. */
  async #read(signal: AbortSignal): Promise<void> {
    for (let lines = mostLines; ; await sleep(askMs, undefined, { signal })) {
      try {
        this.#model.logs = [];
        await this.#readOnce(this.client.call('logs', { follow: true, lines }, { stream: true, signal }));
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof CallError && error.kind === 'lines-not-kept') lines = 0;
      }
    }
  }

  async #readOnce(call: CallOf<'logs'>): Promise<void> {
    await follow<unknown, LogEvent>(call, (event) => {
      if (event.event !== 'Line') return;
      if (this.#model.logs.push(event) > mostLines) this.#model.logs.shift();
      this.#drawSoon();
    });
  }
}
