import type { Call } from '../../../../protocol/calls.ts';
import { CallError } from '../../../../protocol/errors.ts';
import type { LogEvent, LogLine, LogsEnd, LogsParams } from '../../../../protocol/log-schemas.ts';
import type { LogsConfig } from '../../../start-config.ts';
import type { OpenedLogs } from '../open.ts';
import { lineOf, type Origin, pieceSize, unwrapped } from './entry.ts';
import type { Followers } from './follower.ts';
import { byTime, History, type HistoryOptions, inTurn } from './history.ts';
import { type Source, sourcesOf } from './sources.ts';

const defaultLines = 100;

interface ReadOptions {
  config: LogsConfig;
  logs: OpenedLogs;
  followers: Followers;
}

/**
 * What the logs have kept, then, for one who follows, `Live` and what is written from that instant on: nothing twice, nothing left
 * out but what is told. Throws `lines-not-kept` and `invalid-params`.
 */
export async function* readLogs(
  params: LogsParams,
  { config, logs, followers }: ReadOptions,
  signal: AbortSignal,
): Call<LogsEnd, LogEvent> {
  const sources = sourcesOf(params, config, logs);
  const streams = sources.flatMap((source) => source.streams);
  const wanted = ({ stream, slot }: Origin) =>
    streams.includes(stream) && (params.worker === undefined || params.worker === slot);
  const end: LogsEnd = { lines: 0, skipped: 0 };
  // In one turn of the event loop: what was written before this is kept, and what is written after it is live.
  const follower = params.follow ? followers.follow(wanted) : undefined;
  const histories: History[] = [];
  try {
    for (const source of sources) histories.push(...historyOf(source, params, config, wanted, signal));
    yield* counted(all(config, histories, sources, follower?.events(signal)), end);
    return end;
  } catch (error) {
    throw CallError.from(error);
  } finally {
    for (const history of histories) history.close();
    if (follower) followers.leave(follower);
  }
}

/** What was kept, what is not yet, and then what is written. To be called in the turn in which the histories begin. */
function all(
  config: LogsConfig,
  histories: History[],
  sources: Source[],
  live: AsyncIterable<LogEvent> | undefined,
): AsyncIterable<LogEvent> {
  const waiting = sources.flatMap(({ log }) => (log.waiting > 0 ? { log: log.path, bytes: log.waiting } : []));
  return (async function* () {
    yield* config.format === 'json' ? byTime(histories) : inTurn(histories);
    for (const each of waiting) yield { event: 'Waiting', ...each } as const;
    if (!live) return;
    yield { event: 'Live' } as const;
    yield* live;
  })();
}

async function* counted(events: AsyncIterable<LogEvent>, end: LogsEnd): AsyncGenerator<LogEvent, void> {
  for await (const event of events) {
    if (event.event === 'Line') end.lines += 1;
    else if (event.event === 'Skipped') end.skipped += event.lines;
    yield event;
  }
}

/** Nothing is kept of a terminal, a FIFO and the like. */
function historyOf(
  { log, streams, shared }: Source,
  { worker, lines = defaultLines }: LogsParams,
  { format }: LogsConfig,
  wanted: (line: LogLine) => boolean,
  signal: AbortSignal,
): History[] {
  const { files } = log;
  if (!files || lines === 0) return [];
  const stream = streams[0]!;
  const options: HistoryOptions = {
    count: lines === 'all' ? Number.POSITIVE_INFINITY : lines,
    longest: pieceSize[format],
    entry: (piece) => (format === 'json' ? unwrapped(piece, stream) : lineOf(piece, { stream })),
    fits: worker !== undefined || (shared && format === 'json') ? wanted : undefined,
    signal,
  };
  return [new History(files, options)];
}
