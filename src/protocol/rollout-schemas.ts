import { type Static, Type } from 'typebox';
import { healthPath, longestEnvironment, longestSeconds, mostWorkers, shortestHealthEvery } from './limits.ts';
import { strict, Timeout, wholeNumber } from './schemas.ts';

/** How workers are to be replaced. */

const NoNul = { pattern: '^[^\\u0000]*$' };
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
