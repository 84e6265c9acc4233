import { once } from 'node:events';
import winston from 'winston';
import type { Event } from '../../../../protocol/schemas.ts';
import { entryFormat, eventText, type Level, levelOf } from './format.ts';
import type { LogTransport } from './transport.ts';

/** The daemon's own log, by winston: events and notes, a line each. */
export class DaemonLogger {
  readonly #logger: winston.Logger;
  readonly #transport: LogTransport;
  readonly #now: () => number;
  #ended = false;

  constructor(transport: LogTransport, format: 'plain' | 'json', now: () => number) {
    this.#transport = transport;
    this.#now = now;
    this.#logger = winston.createLogger({
      levels: { error: 0, warn: 1, info: 2 },
      format: entryFormat(format),
      transports: [transport],
      exitOnError: false,
    });
  }

  event(event: Event): void {
    const level = levelOf(event);
    if (!this.#ended) this.#logger.log({ level, message: eventText(event), event, time: event.time });
  }

  note(level: Level, text: string): void {
    if (!this.#ended) this.#logger.log({ level, message: text, time: new Date(this.#now()).toISOString() });
  }

  /** Resolves when every line has reached the log. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const finished = once(this.#transport, 'finish');
    this.#logger.end();
    await finished;
  }
}
