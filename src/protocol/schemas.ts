import { type Static, Type } from 'typebox';
import {
  healthPath,
  longestEnvironment,
  longestSeconds,
  mostLines,
  mostWorkers,
  shortestHealthEvery,
} from './limits.ts';

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

const snapshot = {
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

export const Held = Type.Object(
  {
    requests: wholeNumber('requests in flight, uploads included'),
    streams: wholeNumber('endless responses: server-sent events'),
    websockets: wholeNumber('WebSockets'),
    other: wholeNumber('half-sent requests, other upgraded connections, plain TCP'),
    idle: wholeNumber('kept-alive connections that nothing goes on on'),
  },
  { title: 'Held', description: 'The connections that a worker still has, by its last word.' },
);

export const Leaving = Type.Object(
  {
    since: Type.Number({ minimum: 0, description: 'seconds since it was asked to leave' }),
    limit: Type.Union([Type.Null(), Type.Number({ minimum: 0 })], {
      description: 'seconds until it is killed; null: it has the time that it needs',
    }),
    told: Type.Boolean({ description: "it has been sent 'shutdown', after its drain" }),
    answered: Type.Boolean({ description: 'false: it has not said a word since, as one whose event loop is blocked' }),
    by: Type.Optional(
      Type.Union([Type.Literal('preload'), Type.Literal('app')], {
        description: "who ends the process: naught, or the application, which handles 'shutdown' itself",
      }),
    ),
    holding: Type.Optional(Held),
  },
  { title: 'Leaving', description: 'How far a worker is that leaves.' },
);
export type Leaving = Static<typeof Leaving>;

export const Answers = Type.Object(
  {
    '1xx': wholeNumber('interim answers alone'),
    '2xx': wholeNumber('well'),
    '3xx': wholeNumber('elsewhere, or not changed'),
    '4xx': wholeNumber('errors of the client'),
    '5xx': wholeNumber('errors of the server'),
  },
  {
    title: 'Answers',
    description: 'Finished answers of HTTP since the start of the worker, by the class of their status.',
  },
);
export type Answers = Static<typeof Answers>;

export const Latency = Type.Object(
  {
    count: wholeNumber('answers'),
    sum: Type.Number({ minimum: 0, description: 'seconds, of all of them together' }),
    buckets: Type.Array(
      Type.Object({
        le: Type.Number({ exclusiveMinimum: 0, description: 'seconds' }),
        count: wholeNumber('answers that took so long or less'),
      }),
    ),
  },
  {
    title: 'Latency',
    description:
      'How long answers took, from the head of the request to the end of the answer, since the start of the worker.',
  },
);
export type Latency = Static<typeof Latency>;

export const WorkerStatus = Type.Object(
  {
    slot: wholeNumber('its number (NAUGHT_WORKER)'),
    pid: Type.Optional(wholeNumber('process id', 1)),
    state: Type.Union(
      [
        Type.Literal('booting'),
        Type.Literal('online'),
        Type.Literal('new_online'),
        Type.Literal('dying'),
        Type.Literal('waiting'),
      ],
      { description: 'waiting: it crashed repeatedly and is started again after restartIn.' },
    ),
    release: wholeNumber('number of the release that it runs'),
    uptime: Type.Optional(Type.Number({ minimum: 0, description: 'seconds since it was started' })),
    crashes: wholeNumber('crashes in a row of this slot'),
    restarts: wholeNumber("how often this slot was started again in this release, after a crash or 'offline'"),
    restartIn: Type.Optional(Type.Number({ minimum: 0, description: 'seconds until it is started again' })),
    listening: Type.Optional(
      Type.Literal(true, { description: 'one that boots: a server of its listens, which is not enough to be online' }),
    ),
    leaving: Type.Optional(Leaving),
    candidate: Type.Optional(Type.Literal(true, { description: 'the operation in progress has started it' })),

    memory: Type.Optional(wholeNumber('resident memory, in bytes')),
    cpu: Type.Optional(
      Type.Number({ minimum: 0, description: 'share of one CPU over the last second: 1 is a whole one' }),
    ),
    eventLoopDelay: Type.Optional(
      Type.Number({ minimum: 0, description: 'milliseconds by which its event loop was late: p99 of the last second' }),
    ),
    requestsPerSecond: Type.Optional(Type.Number({ minimum: 0, description: 'finished answers over the last second' })),
    answers: Type.Optional(Answers),
    latency: Type.Optional(Latency),
  },
  { title: 'WorkerStatus' },
);
export type WorkerStatus = Static<typeof WorkerStatus>;

export const OperationStatus = Type.Object(
  {
    type: Type.String({ description: 'boot, deploy, stop; a reader shows one that it does not know.' }),
    phase: Type.String({
      description:
        'new: new workers boot. bake: they are watched. old: old ones leave. undo: it is given up, and the new ones go. shutdown: all go. A reader shows one that it does not know.',
    }),
    startedAt: Type.String({ format: 'date-time' }),
    elapsed: Type.Number({ minimum: 0, description: 'seconds' }),
    limit: Type.Union([Type.Null(), Type.Number({ minimum: 0 })], {
      description: 'seconds until its timeout; null: it has the time that it needs',
    }),
    release: Type.Optional(wholeNumber('number of the release that it makes current; none in a stop', 1)),
    from: Type.Optional(wholeNumber('number of the release that this one replaces', 1)),
    newWorkers: Type.Optional(wholeNumber('new workers that it starts in all')),
    toLeave: wholeNumber('old workers that are still there, and leave in it'),
    bake: Type.Optional(
      Type.Object({
        of: Type.Number({ minimum: 0, description: 'seconds for which the new workers are watched' }),
        left: Type.Number({ minimum: 0, description: 'seconds of them that are left' }),
      }),
    ),
  },
  { title: 'OperationStatus', description: 'What is in progress.' },
);
export type OperationStatus = Static<typeof OperationStatus>;

export const Status = Type.Object(
  {
    ...snapshot,
    version: Type.String({ description: 'version of naught' }),
    node: Type.String({ description: 'version of Node that runs the daemon' }),
    uptime: Type.Number({ minimum: 0, description: 'seconds since the daemon started' }),
    script: Type.String({ description: 'path of the server, as resolved when the release was deployed' }),
    cwd: Type.String({ description: 'working directory of the workers' }),
    workerCount: wholeNumber('workers that the current release asks for'),
    workers: Type.Array(WorkerStatus),
    operation: Type.Optional(OperationStatus),
  },
  { title: 'Status' },
);
export type Status = Static<typeof Status>;

const Timeout = (what: string) =>
  Type.Optional(
    Type.Union([Type.Null(), Type.Number({ minimum: 0, maximum: longestSeconds })], {
      description: `Seconds, fractions allowed, after which ${what}. null: never.`,
    }),
  );

export const strict = { additionalProperties: false };
const NoNul = { pattern: '^[^\\u0000]*$' };

export const NoParams = Type.Object({}, { ...strict, title: 'NoParams' });
export type NoParams = Static<typeof NoParams>;

const Percent = Type.String({ pattern: '^([1-9]\\d?|100)%$' });

/** How a deploy goes about it. What is not given is as at `start`. */
const strategyParams = {
  surge: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: mostWorkers }), Percent, Type.Literal('all')], {
      description:
        'How many workers there may be beyond the count, leaving ones included: a number, a share of the count such as 25%, or all: every new worker is online before an old one is asked to leave. Default: all.',
    }),
  ),
  canary: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: mostWorkers }), Percent, Type.Literal('none')], {
      description:
        'So many new workers serve beside all old ones first, and are watched for `bake` seconds before the others follow: a number, a share of the count such as 10%, or none. Default: none.',
    }),
  ),
  bake: Type.Optional(
    Type.Union([Type.Null(), Type.Number({ exclusiveMinimum: 0, maximum: longestSeconds })], {
      description:
        'Seconds, fractions allowed, for which the canaries, or without them the whole new release, are watched before there is no way back. When one crashes, is offline, or answers too often with 5xx, the former release is brought back. null: not at all. Default: null.',
    }),
  ),
  maxErrors: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 100,
      description:
        'Percent of 5xx answers above which a bake ends badly, from 20 answers on, and when the former release does better. Default: 5.',
    }),
  ),
  health: Type.Optional(
    Type.Union([Type.Null(), Type.String(healthPath)], {
      description:
        'A path for which the own server of each new worker is asked, within its process: it counts as online when it is ready, and has answered 2xx. Asked again every 500 ms. null: not at all. Default: null.',
    }),
  ),
  healthTimeout: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: longestSeconds,
      description: 'Seconds, fractions allowed, for one answer. Default: 5.',
    }),
  ),
  healthEvery: Type.Optional(
    Type.Union([Type.Null(), Type.Number({ minimum: shortestHealthEvery, maximum: longestSeconds })], {
      description:
        'Seconds after a good answer until a worker that is online is asked again: one that answers badly three times in a row, or not at all because its event loop is blocked, is replaced like one that says offline. null: not at all. Default: null.',
    }),
  ),
};

/** Of everything that replaces workers. */
export const rolloutParams = {
  timeout: Timeout('the deploy is aborted'),
  waitOld: Type.Optional(
    Type.Boolean({
      description:
        'false: done as soon as the old workers are asked to leave; they go on leaving, and are counted. Default: true.',
    }),
  ),
  ...strategyParams,
};

export const WorkerCount = Type.Union([Type.Integer({ minimum: 0, maximum: mostWorkers }), Type.Literal('auto')], {
  description: '0 keeps the count; auto is the number of usable CPUs.',
});

export const StrategyParams = Type.Object(strategyParams, { ...strict, title: 'StrategyParams' });
export type StrategyParams = Static<typeof StrategyParams>;
export const OperationParams = Type.Object(
  {
    since: Type.Optional(
      wholeNumber('Number (`seq`) of an event: those after it are wanted, of the operation that it belongs to.'),
    ),
  },
  { ...strict, title: 'OperationParams' },
);
export type OperationParams = Static<typeof OperationParams>;

export const DeployParams = Type.Object(
  {
    workerCount: Type.Optional(WorkerCount),
    environment: Type.Optional(
      Type.Record(Type.String({ pattern: '^[^=\\u0000]+$' }), Type.Union([Type.String(NoNul), Type.Null()]), {
        additionalProperties: false,
        description: `Sets variables in the environment of the workers, or, with null, takes them away; the others stay. Up to ${longestEnvironment} bytes.`,
      }),
    ),
    cleanEnvironment: Type.Optional(
      Type.Boolean({
        description: 'true: `environment` is the whole one, and what it does not set is taken away. Default: false.',
      }),
    ),
    ...rolloutParams,
    cwd: Type.Optional(
      Type.String({
        minLength: 1,
        ...NoNul,
        description: 'working directory of the new workers; default: the current one, by its path, links followed anew',
      }),
    ),
    script: Type.Optional(Type.String({ minLength: 1, ...NoNul, description: 'another script to run from now on' })),
    args: Type.Optional(Type.Array(Type.String(NoNul), { description: 'other arguments of the script' })),
    nodeArgs: Type.Optional(Type.Array(Type.String(NoNul), { description: 'other arguments of node' })),
  },
  { ...strict, title: 'DeployParams' },
);
export type DeployParams = Static<typeof DeployParams>;

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
