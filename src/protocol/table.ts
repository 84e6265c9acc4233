import type { ErrorKind } from './errors.ts';
import { longestDeployBody } from './limits.ts';
import type { SchemaName } from './shapes.ts';

export interface Method {
  readonly verb: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  readonly params: SchemaName;
  /** Bytes of its body; without it `longestBody`. */
  readonly longestBody?: number;
  /** What it yields on the way; null: nothing. */
  readonly event: SchemaName | null;
  readonly result: SchemaName;
  /** The kinds it can end in, besides those of a bad request. */
  readonly errors: readonly ErrorKind[];
  /** How it can be answered: a client that does not mind gets the first. */
  readonly answers: readonly Representation[];
  /**
   * supervisor: it has the result. operation: it begins or joins an operation, which control follows to its end. Both are forwarded
   * as they are, unless control has a handler of its own.
   */
  readonly answeredBy: 'control' | 'supervisor' | 'operation';
  /**
   * The method by which its stream goes on where a connection was lost. Its parameter `since`, if it takes any, is the number of the
   * last event that came.
   */
  readonly resumedBy?: string;
}

/** How whatever replaces workers can be refused, and can end. */
const refusedDeploy = ['deploy-in-progress', 'still-booting', 'shutting-down'] as const;
const endedDeploy = ['deploy-failed', 'deploy-aborted', 'unavailable'] as const;

/**
 * Each method once. The routes, /rpc, the types of calls, the messages between control and supervisor and openapi.yaml all come
 * from here. It is plain data that names its schemas, so that the CLI can read it without paying for a schema library.
 */
export const methods = {
  status: {
    verb: 'GET',
    path: '/status',
    summary: 'The workers now; as NDJSON, the operation in progress from its first event, then the workers',
    params: 'NoParams',
    event: 'Event',
    result: 'Status',
    errors: ['unavailable'],
    answers: ['json', 'ndjson'],
    answeredBy: 'supervisor',
    resumedBy: 'status',
  },
  operation: {
    verb: 'GET',
    path: '/operation',
    summary: 'The last operation, from the event after a given one to its end: for who lost the connection on the way',
    params: 'OperationParams',
    event: 'Event',
    result: 'Stopped',
    errors: ['no-operation', 'deploy-failed', 'deploy-aborted', 'boot-failed', 'shutting-down', 'unavailable'],
    answers: ['ndjson', 'json'],
    answeredBy: 'control',
    resumedBy: 'operation',
  },
  deploy: {
    verb: 'POST',
    path: '/deploy',
    summary: 'Replace the workers by new ones, with new code, environment, count or directory',
    params: 'DeployParams',
    longestBody: longestDeployBody,
    event: 'Event',
    result: 'Outcome',
    errors: [...refusedDeploy, ...endedDeploy],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
    resumedBy: 'operation',
  },
  'deploy.abort': {
    verb: 'POST',
    path: '/deploy/abort',
    summary: 'Destroy the new workers, or, when they are all online, kill the old ones that do not leave',
    params: 'NoParams',
    event: 'Event',
    result: 'Outcome',
    errors: ['no-deploy-in-progress', 'shutting-down', 'unavailable'],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
  },
  'deploy.preview': {
    verb: 'POST',
    path: '/deploy/preview',
    summary: 'What a deploy with these parameters would change; it changes nothing',
    params: 'DeployParams',
    longestBody: longestDeployBody,
    event: null,
    result: 'Preview',
    errors: ['still-booting', 'unavailable'],
    answers: ['json', 'ndjson'],
    answeredBy: 'supervisor',
  },
  releases: {
    verb: 'GET',
    path: '/releases',
    summary: 'The releases that are kept, the newest first: what each runs, what it changed, and how it ended',
    params: 'NoParams',
    event: null,
    result: 'Releases',
    errors: ['unavailable'],
    answers: ['json', 'ndjson'],
    answeredBy: 'supervisor',
  },
  rollback: {
    verb: 'POST',
    path: '/rollback',
    summary: 'Deploy a former release again, whole: its resolved script, arguments, directory, environment and count',
    params: 'RollbackParams',
    event: 'Event',
    result: 'Outcome',
    errors: ['no-former-release', 'release-gone', ...refusedDeploy, ...endedDeploy],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
    resumedBy: 'operation',
  },
  'rollback.preview': {
    verb: 'POST',
    path: '/rollback/preview',
    summary: 'What a rollback with these parameters would change; it changes nothing',
    params: 'RollbackParams',
    event: null,
    result: 'Preview',
    errors: ['no-former-release', 'release-gone', 'still-booting', 'unavailable'],
    answers: ['json', 'ndjson'],
    answeredBy: 'supervisor',
  },
  restart: {
    verb: 'POST',
    path: '/restart',
    summary: 'Replace the workers, or some of them, by new ones of the current release',
    params: 'RestartParams',
    event: 'Event',
    result: 'Outcome',
    errors: ['release-gone', ...refusedDeploy, ...endedDeploy],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
    resumedBy: 'operation',
  },
  scale: {
    verb: 'POST',
    path: '/scale',
    summary: 'Run another number of workers of the current release',
    params: 'ScaleParams',
    event: 'Event',
    result: 'Outcome',
    errors: ['release-gone', ...refusedDeploy, ...endedDeploy],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
    resumedBy: 'operation',
  },
  promote: {
    verb: 'POST',
    path: '/promote',
    summary: 'End the bake of the deploy in progress well, now: the rest of the new release follows',
    params: 'NoParams',
    event: 'Event',
    result: 'Outcome',
    errors: ['no-bake-in-progress', 'shutting-down', ...endedDeploy],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
    resumedBy: 'operation',
  },
  stop: {
    verb: 'POST',
    path: '/stop',
    summary: 'Ask all workers to leave, wait for them, and end the daemon',
    params: 'StopParams',
    event: 'Event',
    result: 'Stopped',
    errors: ['unavailable'],
    answers: ['ndjson', 'json'],
    answeredBy: 'operation',
    resumedBy: 'operation',
  },
  events: {
    verb: 'GET',
    path: '/events',
    summary: 'The last events of the daemon, and those that come',
    params: 'EventsParams',
    event: 'Event',
    result: 'EventsEnd',
    errors: ['unavailable'],
    answers: ['ndjson', 'json'],
    answeredBy: 'control',
    resumedBy: 'events',
  },
  logs: {
    verb: 'GET',
    path: '/logs',
    summary: 'The last lines of the logs, over their archives, and what is written from now on',
    params: 'LogsParams',
    event: 'LogEvent',
    result: 'LogsEnd',
    errors: ['lines-not-kept'],
    answers: ['ndjson', 'json'],
    answeredBy: 'control',
  },
  'logs.reopen': {
    verb: 'POST',
    path: '/logs/reopen',
    summary: 'Open what is at the paths of the logs now, after an outside logrotate has moved the files',
    params: 'NoParams',
    event: null,
    result: 'Reopened',
    errors: [],
    answers: ['json', 'ndjson'],
    answeredBy: 'control',
  },
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;

/** How a result is answered: alone, or after the events that led to it. */
export type Representation = 'json' | 'ndjson';

export const mediaTypes = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  problem: 'application/problem+json',
} as const;

export const rpcPath = '/rpc';
export const openapiPath = '/openapi.json';
export const openapi31Path = '/openapi-3.1.json';

/** Header of an answer that follows an operation begun by an earlier call; its value is 1. */
export const joinedHeader = 'naught-joined';
