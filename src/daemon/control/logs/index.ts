import type net from 'node:net';
import type { Call } from '../../../protocol/calls.ts';
import type { LogEvent, LogsEnd, LogsParams } from '../../../protocol/log-schemas.ts';
import type { Event, LostLog } from '../../../protocol/schemas.ts';
import type { PipeInfo } from '../../control-link.ts';
import type { LogsConfig } from '../../start-config.ts';
import { LogEngine } from './logs.ts';
import { realSystem, type System } from './system.ts';

/** The three logs: what the workers write to stdout and to stderr, and what the daemon has to say. */
export interface Logs {
  /** Reads this pipe to its end into the log of its stream; `onEnd` when all of it is written, or waits in memory for the disk. */
  attach(pipe: PipeInfo, socket: net.Socket, onEnd: () => void): void;
  /** One event of the daemon, to the daemon's log. */
  event(event: Event): void;
  /** Something that is no event, to the daemon's log. */
  note(level: 'info' | 'warn' | 'error', text: string): void;
  /** The last 20 lines that this worker wrote to stderr; waits until its pipe has ended, but at most `waitMs`. */
  lastLines(worker: number, waitMs: number): Promise<string[]>;
  /** The last lines, and for one who follows what is written from now on, until `close` has written all. */
  read(params: LogsParams, signal: AbortSignal): Call<LogsEnd, LogEvent>;
  /** For an outside logrotate: opens what is at the paths now. Gives the paths of the logs. */
  reopen(): Promise<string[]>;
  /**
   * Everything in the files. Pipes that are still open are read until they end, and a full disk is waited for, at most
   * `deadlineMs`; gives what has not been written by then. Archives are gzipped, or left to the next start when that takes longer
   * than two seconds.
   */
  close(deadlineMs: number): Promise<LostLog[]>;
}

export interface LogsOptions {
  foreground: boolean;
  /** The process that wrote these logs until a moment ago was killed. */
  restarted?: boolean;
}

/**
 * Opens the logs, and finishes in the background what a killed process left half done. Throws an Error that names the path which
 * cannot be opened. `system`: for tests.
 */
export async function openLogs(config: LogsConfig, options: LogsOptions, system: System = realSystem): Promise<Logs> {
  return new LogEngine(config, options, system);
}
