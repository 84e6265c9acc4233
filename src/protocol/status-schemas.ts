import { type Static, Type } from 'typebox';
import { snapshot, wholeNumber } from './schemas.ts';

/** What is told of the workers now. */

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

export type Held = Static<typeof Held>;

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
