import type { StartConfig } from '../../daemon/start-config.ts';
import { mostWorkers } from '../../protocol/limits.ts';
import type { LogsParams } from '../../protocol/log-schemas.ts';
import type { RestartParams, RollbackParams, ScaleParams } from '../../protocol/release-schemas.ts';
import type { DeployParams, StrategyParams } from '../../protocol/rollout-schemas.ts';
import type { EventsParams, StopParams } from '../../protocol/schemas.ts';
import type { Options } from './option.ts';
import * as kind from './values.ts';

/**
 * Every option of every command, once: what it takes, its default as a user would write it, where its value goes in what the daemon
 * is told, its help. The flags, their types, the StartConfig and the parameters of the calls all follow from here.
 */

/** Of every command that deploys. */
export const strategyOptions = {
  surge: [
    kind.surge,
    null,
    'surge',
    'how many workers there may be beyond the count, leaving ones included; all: every new worker is online before an old one is asked to leave (default)',
  ],
  canary: [
    kind.canary,
    null,
    'canary',
    'so many new workers serve beside all old ones, and are watched for --bake, before the others follow',
  ],
  bake: [
    kind.bake,
    null,
    'bake',
    'watch the canaries, or without them the whole new release, for so long: when one crashes, says offline or answers too often with 5xx, the former release is brought back',
  ],
  'max-errors': [
    kind.percent,
    null,
    'maxErrors',
    'a bake ends badly when more of the answers are 5xx, and the former release does better; 5 without it',
  ],
  health: [
    kind.healthPath,
    null,
    'health',
    'a worker counts as online when it is ready, and its own server has answered this path with 2xx',
  ],
  'health-timeout': [kind.healthTimeout, null, 'healthTimeout', 'wait so long for one answer; 5 without it'],
  'health-every': [
    kind.healthEvery,
    null,
    'healthEvery',
    'ask a worker that is online again after this, and replace it after three bad answers in a row, or when its event loop is blocked',
  ],
} as const satisfies Options<StrategyParams>;

/** The same at start, where they are the defaults of later deploys. */
const strategyAtStart = Object.fromEntries(
  Object.entries(strategyOptions).map(([name, [kind, standard, to, help]]) => [
    name,
    [kind, standard, `strategy.${to}`, `of deploys: ${help}`],
  ]),
) as unknown as {
  [Name in keyof typeof strategyOptions]: readonly [
    (typeof strategyOptions)[Name][0],
    null,
    `strategy.${(typeof strategyOptions)[Name][2]}`,
    string,
  ];
};

export const startOptions = {
  'worker-count': [
    kind.workerCount,
    '1',
    'release.workerCount',
    `how many workers, up to ${mostWorkers}; auto: one per usable CPU`,
  ],
  'ipc-file': [kind.path, 'naught.ipc', 'ipcName', 'by which the other commands reach this server'],
  'pid-file': [kind.file, 'naught.pid', 'pidFile', 'where the process id of the daemon is written'],
  log: [kind.log, 'naught.log', 'logs.daemon', 'log of what the daemon does'],
  stdout: [kind.log, 'stdout.log', 'logs.stdout', 'log of what the workers write to stdout'],
  stderr: [kind.log, 'stderr.log', 'logs.stderr', 'log of what the workers write to stderr'],
  'max-log-size': [kind.size, '10485760', 'logs.maxSize', 'a log that is larger is archived'],
  'log-keep': [kind.keep, 'all', 'logs.keep', 'archives kept of each log'],
  'log-format': [
    kind.oneOf('plain', 'json'),
    'plain',
    'logs.format',
    'lines as the workers wrote them, or wrapped in JSON',
  ],
  cwd: [kind.folder, '.', 'release.cwd', 'working directory of the workers'],
  'keep-releases': [
    kind.keptReleases,
    '20',
    'keepReleases',
    'how many releases `naught releases` shows and `naught rollback` can go back to, the current one among them',
  ],
  'daemon-mode': [kind.offOn, 'true', 'foreground', 'false: stay in the foreground'],
  'remove-old-ipc': [
    kind.onOff,
    'false',
    'removeOldIpc',
    'remove the ipc-file of a daemon that died; never a file that is not one',
  ],
  timeout: [kind.bootTimeout, 'none', 'bootTimeoutMs', 'give the start up when the server is not online after this'],
  'node-args': [
    kind.nodeArgs,
    '',
    'release.nodeArgs',
    "arguments of node, in one word, quoted as for a shell: --node-args='--enable-source-maps --inspect=0'",
  ],
  'online-on': [
    kind.onlineOn,
    'auto',
    'workers.onlineOn',
    "a worker is online when it says 'online' (message), or when its first server listens, or the one at PORT or PATH; auto: by the word, or, when no worker of this daemon says it, by listening",
  ],
  drain: [
    kind.oneOf('auto', 'app'),
    'auto',
    'workers.drain',
    "auto: naught drains a worker before its application hears 'shutdown'; app: that is left to the application",
  ],
  'drain-linger': [
    kind.linger,
    'auto',
    'workers.lingerMs',
    "how long a leaving worker keeps idle connections open; auto: a little over the server's keepAliveTimeout",
  ],
  'drain-timeout': [
    kind.drainTimeout,
    'default',
    'workers.drainTimeoutMs',
    "kill a worker that leaves for longer; default: 30 where naught drains, none where the application handles 'shutdown'",
  ],
  'drain-spread': [kind.spread, '5', 'workers.spreadMs', 'close WebSockets spread over this time'],
  scheduling: [
    kind.oneOf('rr', 'none'),
    'rr',
    'workers.scheduling',
    'rr: the daemon hands connections to the workers in turn; none: the system does',
  ],
  'boot-parallel': [
    kind.bootParallel,
    'auto',
    'workers.bootParallel',
    'how many workers boot at once; auto: 2 per usable CPU, and at least 8; with more workers than that, as many load as there are CPUs',
  ],
  ...strategyAtStart,
} as const satisfies Options<StartConfig>;

const rolloutOptions = {
  timeout: [kind.timeout, 'none', 'timeout', 'abort the deploy when it takes longer'],
  'wait-old': [
    kind.onOff,
    'true',
    'waitOld',
    'wait until the old workers have left; false: done when they were asked to, while they finish what they have',
  ],
  ...strategyOptions,
} as const satisfies Options<DeployParams>;

export const deployOptions = {
  'worker-count': [
    kind.newWorkerCount,
    '0',
    'workerCount',
    `how many workers to run from now on, up to ${mostWorkers}; 0 keeps the count, auto is the number of usable CPUs`,
  ],
  'override-env': [
    kind.environment,
    'true',
    'environment',
    "set the variables of this command's environment for the new workers; those it lacks stay as they are",
  ],
  ...rolloutOptions,
  'clean-env': [
    kind.alone,
    null,
    'cleanEnvironment',
    "take this command's environment whole: the new workers have no variable that it lacks",
  ],
  env: [kind.variable, null, null, 'set this variable for the new workers; may be repeated'],
  unset: [kind.variableName, null, null, 'take this variable away from the new workers; may be repeated'],
  cwd: [
    kind.folder,
    null,
    'cwd',
    'working directory of the new workers; without it the one that the server has, by the path that was given',
  ],
  script: [kind.script, null, 'script', 'another script to run from now on'],
  'node-args': [kind.nodeArgs, null, 'nodeArgs', 'other arguments of node, in one word, quoted as for a shell'],
  'dry-run': [kind.alone, null, null, 'say what would change, and change nothing'],
} as const satisfies Options<DeployParams>;

export const rollbackOptions = {
  'worker-count': [
    kind.newWorkerCount,
    '0',
    'workerCount',
    'another count than that release had; 0 is its own, auto is the number of usable CPUs',
  ],
  ...rolloutOptions,
  'dry-run': [kind.alone, null, null, 'say what would change, and change nothing'],
} as const satisfies Options<RollbackParams>;

export const restartOptions = {
  worker: [kind.slots, null, 'workers', 'only the worker with this number (NAUGHT_WORKER); may be repeated'],
  ...rolloutOptions,
} as const satisfies Options<RestartParams>;

export const scaleOptions = { ...rolloutOptions } as const satisfies Options<ScaleParams>;

export const statusOptions = {
  watch: [kind.alone, null, null, 'again each second, until Ctrl-C; with --json a line each', 'w'],
} as const satisfies Options<never>;

export const stopOptions = {
  timeout: [kind.timeout, 'none', 'timeout', 'kill the workers that are still there after this'],
  'pid-file': [
    kind.path,
    null,
    null,
    'tells the daemon when its ipc-file is gone; without it, the one beside the ipc-file',
  ],
} as const satisfies Options<StopParams>;

export const eventsOptions = {
  lines: [kind.lines, '100', 'lines', 'how many of the last events', 'n'],
  follow: [kind.alone, null, 'follow', 'go on with those that come', 'f'],
} as const satisfies Options<EventsParams>;

export const logsOptions = {
  lines: [kind.lines, '100', 'lines', 'how many of the last lines of each log', 'n'],
  follow: [kind.alone, null, 'follow', 'go on with what is written from now on', 'f'],
  stream: [
    kind.oneOf('stdout', 'stderr', 'daemon'),
    null,
    'stream',
    "one log alone, or the daemon's own; without it, stdout and stderr",
  ],
  worker: [kind.slot, null, 'worker', 'only the lines of the worker with this number (NAUGHT_WORKER)'],
  grep: [kind.regExp, null, null, 'only lines in which this regular expression is found; --lines counts those'],
} as const satisfies Options<LogsParams>;
