import { CallError, invalidParams } from '../../../../protocol/errors.ts';
import type { LogStream, LogsParams } from '../../../../protocol/log-schemas.ts';
import type { LogsConfig } from '../../../start-config.ts';
import type { OpenedLogs } from '../open.ts';
import type { Log } from '../write/log.ts';

/** A log that is read: what comes from it, and whether others write to the same file. */
export interface Source {
  log: Log;
  streams: LogStream[];
  shared: boolean;
}

const all = ['stdout', 'stderr', 'daemon'] as const;

/** The logs that the parameters mean. Throws `lines-not-kept` when they hold no such lines, and says what would help. */
export function sourcesOf(params: LogsParams, config: LogsConfig, logs: OpenedLogs): Source[] {
  const { stream, worker, lines, follow = false } = params;
  const asked = stream === undefined ? (['stdout', 'stderr'] as const) : [stream];
  if (worker !== undefined && stream === 'daemon') {
    throw invalidParams({ field: 'worker', message: "is not known of the lines of the daemon's own log" });
  }
  const streams = asked.filter((each) => logs[each] && (follow || config[each] !== '-'));
  if (streams.length === 0) {
    const options = asked.map((each) => `--${each === 'daemon' ? 'log' : each} ${config[each]}`).join(', ');
    throw new CallError(
      'lines-not-kept',
      `nothing is kept of ${asked.join(' and ')}: the server was started with ${options}`,
    );
  }
  if (worker !== undefined && config.format === 'plain' && lines !== 0) {
    throw new CallError(
      'lines-not-kept',
      'a plain log does not say which worker wrote a line: start the server with --log-format json, or read only what is ' +
        'written from now on (-f -n 0)',
    );
  }
  return [...new Set(streams.map((each) => logs[each]!))].map((log) => ({
    log,
    streams: streams.filter((each) => logs[each] === log),
    shared: all.some((each) => logs[each] === log && !(streams as LogStream[]).includes(each)),
  }));
}
