import { type Static, Type } from 'typebox';
import { longestSeconds, mostLines } from './limits.ts';

/** The shapes on the wire. `title` and not `$id`: a nested `$id` used twice breaks a route. */

export const wholeNumber = (description: string, minimum = 0) => Type.Integer({ minimum, description });

export const Count = Type.Object(
  {
    booting: wholeNumber('started, and not yet online'),
    online: wholeNumber('serving'),
    dying: wholeNumber('asked to leave, or offline by their own word'),
    new_online: wholeNumber('online in a deploy that is not finished'),
  },
  { title: 'Count', description: 'How many workers are in each state.' },
);
export type Count = Static<typeof Count>;

export const WaitingFor = Type.Union(
  [Type.Null(), Type.Literal('new'), Type.Literal('bake'), Type.Literal('old'), Type.Literal('shutdown')],
  {
    title: 'WaitingFor',
    description:
      'null: idle. new: a deploy waits for new workers. bake: it watches them. old: it waits for old ones to leave. shutdown: a stop.',
  },
);
export type WaitingFor = Static<typeof WaitingFor>;

export const eventNames = [
  'Bootup',
  'SpawnNew',
  'NewOnline',
  'NewDeath',
  'ShutdownOld',
  'OldExit',
  'DestroyNew',
  'NewDestroyed',
  'DestroyOld',
  'WorkerOnline',
  'WorkerOffline',
  'WorkerDeath',
  'Ready',
  'Timeout',
  'DeployFailed',
  'Shutdown',
  'Status',
  'Bake',
  'Promote',
  'Undo',
  'Unhealthy',
] as const;
export type EventName = (typeof eventNames)[number];

export const Event = Type.Object(
  {
    event: Type.String({ description: `One of ${eventNames.join(', ')}; a reader shows a name it does not know.` }),
    count: Count,
    waitingFor: WaitingFor,
    worker: Type.Optional(
      Type.Object(
        {
          slot: wholeNumber('its number, kept across deploys and restarts (NAUGHT_WORKER)'),
          pid: Type.Optional(wholeNumber('process id; absent when the process could not be started', 1)),
          exitCode: Type.Optional(Type.Integer()),
          signal: Type.Optional(Type.String()),
        },
        { title: 'EventWorker', description: 'The worker that the event is about.' },
      ),
    ),
    note: Type.Optional(Type.String({ description: 'What a person should know about this event.' })),
    time: Type.String({ format: 'date-time' }),
    seq: wholeNumber('counts the events of the daemon, from 1', 1),
  },
  { title: 'Event' },
);
export type Event = Static<typeof Event>;

/** What the outcome of an operation and the status have. */
export const snapshot = {
  count: Count,
  waitingFor: WaitingFor,
  release: wholeNumber('number of the current release; 0 before the first one is online'),
  pid: wholeNumber('process id of the daemon', 1),
};

export const Outcome = Type.Object(snapshot, { title: 'Outcome', description: 'The state after the operation.' });
export type Outcome = Static<typeof Outcome>;

export const LostLog = Type.Object(
  { log: Type.String({ description: 'its path' }), bytes: wholeNumber('how many could not be written', 1) },
  { title: 'LostLog' },
);
export type LostLog = Static<typeof LostLog>;

export const Stopped = Type.Object(
  {
    ...snapshot,
    lostLogs: Type.Optional(
      Type.Array(LostLog, { description: 'What was waiting to be written, and for which the disk still has no room.' }),
    ),
  },
  { title: 'Stopped', description: 'The state after the stop.' },
);
export type Stopped = Static<typeof Stopped>;

export const Timeout = (what: string) =>
  Type.Optional(
    Type.Union([Type.Null(), Type.Number({ minimum: 0, maximum: longestSeconds })], {
      description: `Seconds, fractions allowed, after which ${what}. null: never.`,
    }),
  );

export const strict = { additionalProperties: false };

export const NoParams = Type.Object({}, { ...strict, title: 'NoParams' });
export type NoParams = Static<typeof NoParams>;

export const EventsParams = Type.Object(
  {
    since: Type.Optional(
      wholeNumber(
        'The `seq` of the last event that the caller has: those after it are given, as far as they are kept. A number that the daemon has not reached is of another daemon: everything kept is given.',
      ),
    ),
    lines: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: mostLines }), Type.Literal('all')], {
        description: 'Without `since`: how many of the last events; 100 when it is not given.',
      }),
    ),
    follow: Type.Optional(Type.Boolean({ description: 'Goes on with those that come, until the daemon ends.' })),
  },
  { ...strict, title: 'EventsParams' },
);
export type EventsParams = Static<typeof EventsParams>;

export const EventsEnd = Type.Object(
  {
    seq: wholeNumber('that of the last event of the daemon; 0 when there was none'),
    missed: wholeNumber('events that were asked for, and are not kept any more'),
  },
  { title: 'EventsEnd' },
);
export type EventsEnd = Static<typeof EventsEnd>;

export const StopParams = Type.Object(
  { timeout: Timeout('the workers that are still there are killed') },
  { ...strict, title: 'StopParams' },
);
export type StopParams = Static<typeof StopParams>;
