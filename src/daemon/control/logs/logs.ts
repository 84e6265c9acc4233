import type net from 'node:net';
import type { Call } from '../../../protocol/calls.ts';
import type { LogEvent, LogsEnd, LogsParams } from '../../../protocol/log-schemas.ts';
import type { Event, LostLog } from '../../../protocol/schemas.ts';
import type { PipeInfo } from '../../control-link.ts';
import type { LogsConfig } from '../../start-config.ts';
import { GzipQueue } from './archive/gzip-queue.ts';
import type { Logs, LogsOptions } from './index.ts';
import type { Held } from './intake/lines.ts';
import { LogPipe } from './intake/pipe.ts';
import { Tails } from './intake/tail.ts';
import { type OpenedLogs, openThree } from './open.ts';
import { Followers } from './read/follower.ts';
import { readLogs } from './read/reader.ts';
import type { System } from './system.ts';
import type { Level } from './write/format.ts';
import type { Log } from './write/log.ts';
import { DaemonLogger } from './write/logger.ts';
import { LogTransport } from './write/transport.ts';

/** Milliseconds between two looks at the files when nothing is written. */
const followInterval = 500;
/** Milliseconds that archives may still be gzipped after everything else is closed. */
const gzipDeadline = 2000;
const longestTimer = 2 ** 31 - 1;

/** The pipes, the three logs and what runs beside them. */
export class LogEngine implements Logs {
  readonly #config: LogsConfig;
  readonly #system: System;
  readonly #gzip: GzipQueue;
  readonly #logs: OpenedLogs;
  readonly #transports: { stdout: LogTransport | undefined; stderr: LogTransport | undefined };
  readonly #daemon: DaemonLogger | undefined;
  readonly #tails = new Tails();
  readonly #followers = new Followers();
  readonly #held: Held = { bytes: 0 };
  readonly #pipes = new Set<LogPipe>();
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<LostLog[]> | undefined;

  /** Throws an Error that names the path which cannot be opened. */
  constructor(config: LogsConfig, { foreground, restarted = false }: LogsOptions, system: System) {
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

  attach(info: PipeInfo, socket: net.Socket, onEnd: () => void): void {
    const pipe = new LogPipe(info, socket, {
      transport: this.#transports[info.stream],
      format: this.#config.format,
      now: this.#system.now,
      held: this.#held,
      tails: this.#tails,
      followers: this.#followers,
    });
    this.#pipes.add(pipe);
    void pipe.ended.then(() => {
      this.#pipes.delete(pipe);
      onEnd();
    });
  }

  event(event: Event): void {
    this.#daemon?.event(event);
  }

  note(level: Level, text: string): void {
    this.#daemon?.note(level, text);
  }

  lastLines(worker: number, waitMs: number): Promise<string[]> {
    return this.#tails.lines(worker, waitMs);
  }

  read(params: LogsParams, signal: AbortSignal): Call<LogsEnd, LogEvent> {
    return readLogs(params, { config: this.#config, logs: this.#logs, followers: this.#followers }, signal);
  }

  async reopen(): Promise<string[]> {
    const logs = this.#all();
    for (const log of logs) log.reopen();
    return logs.map((log) => log.path);
  }

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
      await Promise.race([aborted, Promise.all([...this.#pipes].map((pipe) => pipe.ended))]);
    }
    for (const pipe of this.#pipes) pipe.finish();
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

/** Gives what of it is lost. */
function close(log: Log): LostLog[] {
  const bytes = log.close();
  return bytes > 0 ? [{ log: log.path, bytes }] : [];
}
