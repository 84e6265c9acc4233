import path from 'node:path';
import type { LogsConfig } from '../../start-config.ts';
import type { GzipQueue } from './archive/gzip-queue.ts';
import type { System } from './system.ts';
import { Budget } from './write/backlog.ts';
import { LogFile } from './write/file.ts';
import { dropLine, type Level } from './write/format.ts';
import { Log } from './write/log.ts';
import { OwnStream, type Target } from './write/target.ts';

/**
 * Bytes that the workers' logs may hold in memory together while the disk is full, and the daemon's log by itself. The process
 * as a whole stays under 150 MB then (measured with 400 MB written by two workers: 125 MB without the API).
 */
const workerBudget = 32 * 1024 * 1024;
const daemonBudget = 1024 * 1024;

/** undefined: disabled. Two logs in one file are one log. */
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

/** Throws an Error when a daemon, which has no streams of a command, shall write to one. */
export function openThree(options: OpenOptions): OpenedLogs {
  const { config, foreground, system } = options;
  const opened = new Map<string, Log>();
  const open = (name: string, stream: Stream, budget: Budget) => {
    if (name === '/dev/null') return undefined;
    const own = ownStream(name, stream);
    if (own && !foreground) throw new Error(`a log can be ${name} only in the foreground (--daemon-mode false)`);
    const log = opened.get(keyOf(name, own, system)) ?? openOne(own ?? path.resolve(name), budget, options);
    // Now that the file is there it is known by its own name, whatever links lead to it.
    opened.set(keyOf(name, own, system), log);
    return log;
  };
  const budget = new Budget(workerBudget);
  const stdout = open(config.stdout, 'stdout', budget);
  const stderr = open(config.stderr, 'stderr', budget);
  return { stdout, stderr, daemon: open(config.daemon, 'stderr', new Budget(daemonBudget)) };
}

type Stream = 'stdout' | 'stderr';

/** The stream of the command that the name means: `-` is the one of the log's own kind. */
function ownStream(name: string, stream: Stream): { own: Stream } | undefined {
  if (name === '-') return { own: stream };
  if (name === '/dev/stdout') return { own: 'stdout' };
  return name === '/dev/stderr' ? { own: 'stderr' } : undefined;
}

/**
 * The same for what is the same file: a second log there would rotate the file of the first, or tear its lines where one stream
 * of the command is a copy of the other (`2>&1`).
 */
function keyOf(name: string, own: { own: Stream } | undefined, { fs, ...system }: System): string {
  try {
    if (!own) return fs.realpathSync(path.resolve(name));
    const { dev, ino } = fs.fstatSync(system[own.own]);
    return `${dev}:${ino}`;
  } catch {
    return own?.own ?? path.resolve(name);
  }
}

function openOne(where: string | { own: Stream }, budget: Budget, options: OpenOptions): Log {
  const { config, system, report } = options;
  const target = typeof where === 'string' ? openFile(where, options) : new OwnStream(system, where.own);
  return new Log(target, {
    budget,
    report,
    dropLine: (bytes, why) => dropLine(config.format, new Date(system.now()).toISOString(), bytes, why),
  });
}

function openFile(file: string, { config, restarted, system, gzip, report }: OpenOptions): Target {
  return new LogFile(file, {
    system,
    gzip,
    maxSize: config.maxSize,
    keep: config.keep,
    restarted,
    onTorn: () =>
      report('warn', `${file}: the write in progress when control was killed is torn; its line was ended there`),
    onRotationError: (error) => report('error', `cannot rotate ${file}, trying again: ${(error as Error).message}`),
    onTrimError: (error) => report('error', `cannot remove old archives of ${file}: ${(error as Error).message}`),
  });
}
