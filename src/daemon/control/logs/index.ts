import type { Call } from '../../../protocol/calls.ts';
import type { LogEvent, LogsEnd, LogsParams } from '../../../protocol/log-schemas.ts';
import type { Event, LostLog } from '../../../protocol/schemas.ts';
import type { PipeInfo } from '../../control-link.ts';
import type { LogsConfig } from '../../start-config.ts';
import { GzipQueue } from './archive/gzip-queue.ts';
import { holdersOf } from './intake/holders.ts';
import type { HeldBytes } from './intake/lines.ts';
import { LogPipe } from './intake/pipe.ts';
import { Tails } from './intake/tail.ts';
import { type OpenedLogs, openThree } from './open.ts';
import { Followers } from './read/follower.ts';
import { readLogs } from './read/reader.ts';
import { realSystem, type System } from './system.ts';
import type { Level } from './write/format.ts';
import type { Log } from './write/log.ts';
import { DaemonLogger } from './write/logger.ts';
import { LogTransport } from './write/transport.ts';

/** Milliseconds between two looks at the files when nothing is written. */
const followInterval = 500;
/** Milliseconds that archives may still be gzipped after everything else is closed. */
const gzipDeadline = 2000;
const longestTimer = 2 ** 31 - 1;

export interface LogsOptions {
  foreground: boolean;
  /** The process that wrote these logs until a moment ago was killed. */
  restarted?: boolean;
}

/** The three logs: what the workers write to stdout and to stderr, and what the daemon has to say. */
export class Logs {
  readonly #config: LogsConfig;
  readonly #system: System;
  readonly #gzip: GzipQueue;
  readonly #logs: OpenedLogs;
  readonly #transports: { stdout: LogTransport | undefined; stderr: LogTransport | undefined };
  readonly #daemon: DaemonLogger | undefined;
  readonly #tails = new Tails();
  readonly #followers = new Followers();
  readonly #held: HeldBytes = { bytes: 0 };
  readonly #pipes = new Map<number, LogPipe>();
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<LostLog[]> | undefined;

  /**
   * Opens the logs, and finishes in the background what a killed process left half done. Throws an Error when one cannot be what it is
   * set to. `system`: for tests.
   */
  constructor(config: LogsConfig, { foreground, restarted = false }: LogsOptions, system: System = realSystem) {
    const report = (level: Level, text: string) => this.#report(level, text);
    this.#config = config;
    this.#system = system;
    this.#gzip = new GzipQueue(system, (text) => report('warn', text));
    try {
      this.#logs = openThree({ config, foreground, restarted, system, gzip: this.#gzip, report });
    } catch (error) {
      void this.#gzip.close(0);
      throw error;
    }
    const { stdout, stderr, daemon } = this.#logs;
    this.#transports = { stdout: stdout && new LogTransport(stdout), stderr: stderr && new LogTransport(stderr) };
    this.#daemon = daemon && new DaemonLogger(new LogTransport(daemon, this.#followers), config.format, system.now);
    this.#timer = setInterval(() => {
      for (const log of this.#all()) log.follow();
    }, followInterval).unref();
  }

  /**
   * The pipe of this id, which is read to its end into the log of its stream when it is told to; `onEnd` when all of it is written, or
   * waits in memory for the disk.
   */
  pipe(info: PipeInfo, onEnd: () => void): LogPipe {
    return this.#pipes.get(info.id) ?? this.#newPipe(info, onEnd);
  }

  #newPipe(info: PipeInfo, onEnd: () => void): LogPipe {
    const log = this.#logs[info.stream];
    const pipe = new LogPipe(info, {
      onGap: (bytes) => log?.tellGap(bytes, 'no control process could read it'),
      transport: this.#transports[info.stream],
      format: this.#config.format,
      now: this.#system.now,
      held: this.#held,
      tails: this.#tails,
      followers: this.#followers,
    });
    this.#pipes.set(info.id, pipe);
    void pipe.ended.then(() => {
      this.#pipes.delete(info.id);
      onEnd();
    });
    return pipe;
  }

  /** Who still holds pipes that have not ended; undefined when all have. */
  async openPipes(): Promise<string | undefined> {
    const pipes = [...this.#pipes.values()];
    if (pipes.length === 0) return undefined;
    const holders = await holdersOf(new Set(pipes.flatMap(({ identity }) => identity ?? [])));
    if (holders.length > 0) return holders.join(', ');
    return `processes of ${[...new Set(pipes.map(({ info }) => `worker ${info.slot}`))].join(', ')}`;
  }

  /** The supervisor was killed: nobody else reads the pipes, nor says that they may be read. */
  readAll(): void {
    for (const pipe of this.#pipes.values()) pipe.read();
  }

  /** One event of the daemon, to the daemon's log. */
  event(event: Event): void {
    this.#daemon?.event(event);
  }

  /** Something that is no event, to the daemon's log. */
  note(level: Level, text: string): void {
    this.#daemon?.note(level, text);
  }

  /** The last 20 lines that this worker wrote to stderr; waits until its pipe has ended, but at most `waitMs`. */
  lastLines(worker: number, waitMs: number): Promise<string[]> {
    return this.#tails.lines(worker, waitMs);
  }

  /** The last lines, and for one who follows what is written from now on, until `close` has written all. */
  read(params: LogsParams, signal: AbortSignal): Call<LogsEnd, LogEvent> {
    return readLogs(params, { config: this.#config, logs: this.#logs, followers: this.#followers }, signal);
  }

  /** For an outside logrotate: opens what is at the paths now. Returns the paths of the logs. */
  async reopen(): Promise<string[]> {
    const logs = this.#all();
    for (const log of logs) log.reopen();
    return logs.map((log) => log.path);
  }

  /**
   * Everything in the files. Pipes that are still open are read until they end, and a full disk is waited for, at most
   * `deadlineMs`; returns what has not been written by then. Archives are gzipped, or left to the next start when that takes longer
   * than two seconds.
   */
  close(deadlineMs: number): Promise<LostLog[]> {
    this.#closing ??= this.#close(deadlineMs);
    return this.#closing;
  }

  async #close(deadlineMs: number): Promise<LostLog[]> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), Math.min(deadlineMs, longestTimer));
    await this.#pipesEnded(deadline.signal);
    const { daemon } = this.#logs;
    const workers = this.#all().filter((log) => log !== daemon);
    await Promise.all(workers.map((log) => log.flushed(deadline.signal)));
    const lost = workers.flatMap((log) => this.#closeLog(log));
    await daemon?.flushed(deadline.signal);
    // What was reported last is on its way to the daemon's log.
    await new Promise(setImmediate);
    await this.#daemon?.end();
    await daemon?.flushed(deadline.signal);
    if (daemon) lost.push(...close(daemon));
    this.#followers.end();
    clearTimeout(timer);
    clearInterval(this.#timer);
    await this.#gzip.close(gzipDeadline);
    return lost;
  }

  async #pipesEnded(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    // Again, because a pipe may be attached in the meantime.
    while (this.#pipes.size > 0 && !signal.aborted) {
      await Promise.race([aborted, Promise.all([...this.#pipes.values()].map((pipe) => pipe.ended))]);
    }
    for (const pipe of this.#pipes.values()) pipe.finish();
  }

  #closeLog(log: Log): LostLog[] {
    const lost = close(log);
    for (const { bytes } of lost) {
      this.#report('error', `${bytes} bytes could not be written to ${log.path} and are lost`);
    }
    return lost;
  }

  #all(): Log[] {
    const { stdout, stderr, daemon } = this.#logs;
    return [...new Set([stdout, stderr, daemon])].filter((log) => log !== undefined);
  }

  /** Not at once: a log reports in the middle of a write, and the daemon's log may be the very same. */
  #report(level: Level, text: string): void {
    setImmediate(() => this.note(level, text));
  }
}

/** Returns what of it is lost. */
function close(log: Log): LostLog[] {
  const bytes = log.close();
  return bytes > 0 ? [{ log: log.path, bytes }] : [];
}
