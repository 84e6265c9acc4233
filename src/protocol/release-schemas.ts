import { type Static, Type } from 'typebox';
import { mostWorkers } from './limits.ts';
import { rolloutParams, WorkerCount } from './rollout-schemas.ts';
import { strict, wholeNumber } from './schemas.ts';

/** The shapes of releases on the wire: their history, and what makes one of them current again. */

const Names = (description: string) => Type.Array(Type.String(), { description });

export const ChangedVariables = Type.Object(
  {
    added: Names('set, and not before'),
    changed: Names('set to another value'),
    removed: Names('taken away'),
  },
  { title: 'ChangedVariables', description: 'Names of variables; never their values.' },
);
export type ChangedVariables = Static<typeof ChangedVariables>;

export const ReleaseEntry = Type.Object(
  {
    release: wholeNumber('its number; each boot, deploy and rollback has one, that fails or not', 1),
    type: Type.Union([Type.Literal('boot'), Type.Literal('deploy'), Type.Literal('rollback')], {
      description: 'how it was made',
    }),
    of: Type.Optional(wholeNumber('of a rollback: the release that it goes back to', 1)),
    time: Type.String({ format: 'date-time', description: 'when it began' }),
    state: Type.Union(
      [
        Type.Literal('deploying'),
        Type.Literal('serving'),
        Type.Literal('replaced'),
        Type.Literal('failed'),
        Type.Literal('aborted'),
        Type.Literal('undone'),
      ],
      {
        description:
          'deploying: in progress. serving: the current one. replaced: by a later one. failed, aborted: it never became current. undone: some of its workers served, and the former release was brought back.',
      },
    ),
    reason: Type.Optional(
      Type.String({ description: 'of one that failed or was undone: how, such as died or silent' }),
    ),
    served: Type.Number({
      minimum: 0,
      description: 'seconds for which it, or some of its workers, served, until now or its end',
    }),
    script: Type.String({ description: 'as it was given, its links not followed' }),
    resolvedScript: Type.String({ description: 'where that led when it was deployed' }),
    cwd: Type.String({ description: 'working directory, as it was given' }),
    resolvedCwd: Type.String(),
    args: Type.Array(Type.String()),
    nodeArgs: Type.Array(Type.String()),
    workerCount: wholeNumber('workers that it asks for; of the current one as it was last scaled', 1),
    environment: ChangedVariables,
  },
  { title: 'ReleaseEntry', description: 'A release. `environment`: against the one that was current when it began.' },
);
export type ReleaseEntry = Static<typeof ReleaseEntry>;

export const Releases = Type.Object(
  {
    current: wholeNumber('number of the current release; 0 before the first one is online'),
    kept: wholeNumber('how many are kept at most', 1),
    releases: Type.Array(ReleaseEntry, { description: 'the newest first' }),
  },
  { title: 'Releases' },
);
export type Releases = Static<typeof Releases>;

const FromTo = <Schema extends Parameters<typeof Type.Array>[0]>(value: Schema) =>
  Type.Optional(Type.Object({ from: value, to: value }));

export const Changes = Type.Object(
  {
    script: FromTo(Type.String()),
    resolvedScript: FromTo(Type.String()),
    cwd: FromTo(Type.String()),
    resolvedCwd: FromTo(Type.String()),
    args: FromTo(Type.Array(Type.String())),
    nodeArgs: FromTo(Type.Array(Type.String())),
    workerCount: FromTo(Type.Integer({ minimum: 1 })),
    environment: Type.Optional(ChangedVariables),
  },
  { title: 'Changes', description: 'What another release has that the current one has not; the same is left out.' },
);
export type Changes = Static<typeof Changes>;

export const Preview = Type.Object(
  {
    current: wholeNumber('number of the release that would be replaced', 1),
    release: wholeNumber('number that the new one would have', 1),
    changes: Changes,
  },
  { title: 'Preview' },
);
export type Preview = Static<typeof Preview>;

export const RollbackParams = Type.Object(
  {
    release: Type.Optional(
      wholeNumber('number of the release to go back to; default: the one that served before the current one', 1),
    ),
    workerCount: Type.Optional(
      Type.Union(WorkerCount.anyOf, { description: 'another count than that release had; 0 is its own. Default: 0.' }),
    ),
    ...rolloutParams,
  },
  { ...strict, title: 'RollbackParams' },
);
export type RollbackParams = Static<typeof RollbackParams>;

export const RestartParams = Type.Object(
  {
    workers: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: mostWorkers - 1 }), {
        minItems: 1,
        description: 'only the workers of these numbers (NAUGHT_WORKER); default: all of them',
      }),
    ),
    ...rolloutParams,
  },
  { ...strict, title: 'RestartParams' },
);
export type RestartParams = Static<typeof RestartParams>;

export const ScaleParams = Type.Object(
  {
    workerCount: Type.Union(
      [
        Type.Integer({ minimum: 1, maximum: mostWorkers }),
        Type.Literal('auto'),
        Type.String({ pattern: '^(\\+|-)\\d{1,4}$|^\\d{1,6}%$' }),
      ],
      {
        description:
          'how many workers; +2 so many more, -2 so many less than now; 150% of those of now, rounded; auto: the number of usable CPUs',
      },
    ),
    ...rolloutParams,
  },
  { ...strict, title: 'ScaleParams' },
);
export type ScaleParams = Static<typeof ScaleParams>;
