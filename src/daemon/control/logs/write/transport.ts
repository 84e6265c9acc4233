import { Writable } from 'node:stream';
import DailyRotateFile from 'winston-daily-rotate-file';
import type { Followers } from '../read/follower.ts';
import type { Log } from './log.ts';

/** winston's own key of the finished text (a registered symbol). */
export const message = Symbol.for('message');

/** What a transport is given: a text of one line, or bytes as a worker wrote them. */
export interface Info {
  [message]: string | Buffer;
  /** The pipe of these bytes has ended. */
  ended?: boolean;
}

/**
 * winston-daily-rotate-file in its `stream` form, onto one of our logs: the package's own rotation by size is rounded to KiB, has
 * no real file at the path, and loses lines when it gzips. A chunk is handed over whole and synchronously, so that it is written
 * when `write` returns: an asynchronous callback here would lose lines at the end of the logger.
 */
export class LogTransport extends DailyRotateFile {
  readonly #log: Log;
  readonly #followers: Followers | undefined;

  /** `followers`: of the daemon's own log; those of the workers are told by their pipes. */
  constructor(log: Log, followers?: Followers) {
    super({ stream: new Writable({ write: (_chunk, _encoding, done) => done() }) });
    this.#log = log;
    this.#followers = followers;
  }

  override log(info: Info, next: () => void): void {
    const text = info[message];
    const bytes = typeof text === 'string' ? Buffer.from(`${text}\n`) : text;
    this.#log.write(bytes, info.ended);
    this.#followers?.push({ stream: 'daemon' }, bytes);
    next();
  }

  /** The log outlives its transport: what waits in its memory is still to be written. */
  override close(): void {}
}
