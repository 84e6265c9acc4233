import path from 'node:path';
import type { LogsConfig } from '../../config.ts';
import { Budget } from './backlog.ts';
import { LogFile } from './file.ts';
import { dropLine, type Level } from './format.ts';
import type { GzipQueue } from './gzip-queue.ts';
import { Log } from './log.ts';
import type { System } from './system.ts';
import { OwnStream, type Target } from './target.ts';

/**
 * Bytes that the workers' logs may hold in memory together while the disk is full, and the daemon's log by itself. The process
 * as a whole stays under 150 MB then (measured with 400 MB written by two workers: 125 MB without the API).
 */
const workerBudget = 32 * 1024 * 1024;
const daemonBudget = 1024 * 1024;

/** undefined: disabled. Two logs at one path are one log. */
export interface OpenedLogs {
  stdout: Log | undefined;
  stderr: Log | undefined;
  daemon: Log | undefined;
}

export interface OpenOptions {
  config: LogsConfig;
  foreground: boolean;
  restarted: boolean;
  system: System;
  gzip: GzipQueue;
  report(level: Level, text: string): void;
}

/** Throws an Error that names the path which cannot be opened; nothing stays open then. */
export function openThree(options: OpenOptions): OpenedLogs {
  const { config } = options;
  const opened = new Map<string, Log>();
  const open = (name: string, stream: 'stdout' | 'stderr', budget: Budget) => {
    if (name === '/dev/null') return undefined;
    // By its path: a second log there would rotate the file of the first.
    const key = name === '-' ? stream : path.resolve(name);
    const log = opened.get(key) ?? openOne(name, stream, budget, options);
    opened.set(key, log);
    return log;
  };
  try {
    const budget = new Budget(workerBudget);
    const stdout = open(config.stdout, 'stdout', budget);
    const stderr = open(config.stderr, 'stderr', budget);
    return { stdout, stderr, daemon: open(config.daemon, 'stderr', new Budget(daemonBudget)) };
  } catch (error) {
    for (const log of opened.values()) log.close();
    throw error;
  }
}

function openOne(name: string, stream: 'stdout' | 'stderr', budget: Budget, options: OpenOptions): Log {
  const { config, system, report } = options;
  return new Log(openTarget(name, stream, options), {
    budget,
    report,
    dropLine: (bytes, why) => dropLine(config.format, new Date(system.now()).toISOString(), bytes, why),
  });
}

function openTarget(name: string, stream: 'stdout' | 'stderr', options: OpenOptions): Target {
  const { config, foreground, restarted, system, gzip, report } = options;
  if (name === '-') {
    if (!foreground) throw new Error('a log can be - only in the foreground (--daemon-mode false)');
    return new OwnStream(system, stream);
  }
  const file = path.resolve(name);
  try {
    return new LogFile(file, {
      system,
      gzip,
      maxSize: config.maxSize,
      keep: config.keep,
      restarted,
      onTorn: () =>
        report('warn', `${file}: the write in progress when control was killed is torn; its line was ended there`),
      onRotationError: (error) => report('error', `cannot rotate ${file}, trying again: ${(error as Error).message}`),
    });
  } catch (error) {
    throw new Error(`cannot open the log ${file}: ${(error as Error).message}`, { cause: error });
  }
}
