import { type Static, Type } from 'typebox';
import { mostLines } from './limits.ts';
import { strict, wholeNumber } from './schemas.ts';

/** The shapes of log lines and of how they are asked for. */

export const LogStream = Type.Union([Type.Literal('stdout'), Type.Literal('stderr'), Type.Literal('daemon')], {
  title: 'LogStream',
  description: "stdout, stderr: what the workers write. daemon: the daemon's own log.",
});
export type LogStream = Static<typeof LogStream>;

export const LogsParams = Type.Object(
  {
    stream: Type.Optional({ ...LogStream, description: 'One log alone; without it, stdout and stderr.' }),
    worker: Type.Optional(
      wholeNumber('Slot of a worker whose lines alone are wanted. What a plain log has kept does not tell them apart.'),
    ),
    lines: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: mostLines }), Type.Literal('all')], {
        description: 'How many of the last lines of each log, over its archives; 100 when it is not given.',
      }),
    ),
    follow: Type.Optional(
      Type.Boolean({ description: 'Goes on with what is written from now on, until the daemon ends.' }),
    ),
  },
  { ...strict, title: 'LogsParams' },
);
export type LogsParams = Static<typeof LogsParams>;

export const LogLine = Type.Object(
  {
    event: Type.Literal('Line'),
    stream: LogStream,
    line: Type.String({ description: 'without its newline; U+FFFD for bytes that are not UTF-8' }),
    base64: Type.Optional(Type.String({ description: 'the exact bytes of a line that is not UTF-8' })),
    partial: Type.Optional(Type.Literal(true, { description: 'no newline follows: the rest of the line may come' })),
    time: Type.Optional(Type.String({ format: 'date-time', description: 'when it was read, where that is known' })),
    slot: Type.Optional(wholeNumber('number of the worker, where that is known')),
    pid: Type.Optional(wholeNumber('process id of the worker, where that is known', 1)),
  },
  { title: 'LogLine' },
);
export type LogLine = Static<typeof LogLine>;

export const LogEvent = Type.Union(
  [
    LogLine,
    Type.Object(
      { event: Type.Literal('Live') },
      { title: 'LogLive', description: 'What was kept has been given; what follows is written from now on.' },
    ),
    Type.Object(
      { event: Type.Literal('Skipped'), lines: wholeNumber('how many lines are missing here', 1) },
      { title: 'LogSkipped', description: 'This reader was slower than the workers. The log has the lines.' },
    ),
    Type.Object(
      { event: Type.Literal('Unreadable'), file: Type.String(), message: Type.String() },
      {
        title: 'LogUnreadable',
        description: 'This file of the log cannot be read, or not to its end: lines are missing here.',
      },
    ),
    Type.Object(
      {
        event: Type.Literal('Waiting'),
        log: Type.String({ description: 'its path' }),
        bytes: wholeNumber('how many bytes', 1),
      },
      {
        title: 'LogWaiting',
        description: 'The log cannot be written at the moment: what was written last is in memory, and not shown.',
      },
    ),
  ],
  { title: 'LogEvent' },
);
export type LogEvent = Static<typeof LogEvent>;

export const LogsEnd = Type.Object(
  { lines: wholeNumber('lines that were given'), skipped: wholeNumber('lines that this reader was too slow for') },
  { title: 'LogsEnd' },
);
export type LogsEnd = Static<typeof LogsEnd>;

export const Reopened = Type.Object(
  { logs: Type.Array(Type.String(), { description: 'paths of the logs that are open' }) },
  { title: 'Reopened' },
);
export type Reopened = Static<typeof Reopened>;
