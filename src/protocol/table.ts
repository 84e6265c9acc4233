import type { TSchema } from 'typebox';
import type { ErrorKind } from './errors.ts';
import { LogEvent, LogsEnd, LogsParams, Reopened } from './log-schemas.ts';
import { type MethodName, routes } from './routes.ts';
import { DeployParams, Event, NoParams, Outcome, Status, StopParams, Stopped } from './schemas.ts';

export interface Method {
  readonly verb: 'GET' | 'POST';
  readonly path: string;
  readonly params: TSchema;
  /** What it yields on the way; null: nothing. */
  readonly event: TSchema | null;
  readonly result: TSchema;
  /** The kinds it can end in, besides those of a bad request. */
  readonly errors: readonly ErrorKind[];
  readonly summary: string;
  /** The answer to a client that accepts both: the result alone, or the events and the result. */
  readonly preferred: 'json' | 'ndjson';
}

/** Each method once. The routes, /rpc, the client's types and openapi.yaml all come from here. */
export const methods = {
  status: {
    ...routes.status,
    params: NoParams,
    event: Event,
    result: Status,
    errors: ['unavailable'],
    summary: 'The workers now; as NDJSON, the operation in progress from its first event, then the workers',
    preferred: 'json',
  },
  deploy: {
    ...routes.deploy,
    params: DeployParams,
    event: Event,
    result: Outcome,
    errors: ['deploy-in-progress', 'still-booting', 'shutting-down', 'deploy-failed', 'deploy-aborted', 'unavailable'],
    summary: 'Replace the workers by new ones, with new code, environment, count or directory',
    preferred: 'ndjson',
  },
  'deploy.abort': {
    ...routes['deploy.abort'],
    params: NoParams,
    event: Event,
    result: Outcome,
    errors: ['no-deploy-in-progress', 'shutting-down', 'unavailable'],
    summary: 'Destroy the new workers, or, when they are all online, kill the old ones that do not leave',
    preferred: 'ndjson',
  },
  stop: {
    ...routes.stop,
    params: StopParams,
    event: Event,
    result: Stopped,
    errors: ['unavailable'],
    summary: 'Ask all workers to leave, wait for them, and end the daemon',
    preferred: 'ndjson',
  },
  logs: {
    ...routes.logs,
    params: LogsParams,
    event: LogEvent,
    result: LogsEnd,
    errors: ['lines-not-kept'],
    summary: 'The last lines of the logs, over their archives, and what is written from now on',
    preferred: 'ndjson',
  },
  'logs.reopen': {
    ...routes['logs.reopen'],
    params: NoParams,
    event: null,
    result: Reopened,
    errors: [],
    summary: 'Open what is at the paths of the logs now, after an outside logrotate has moved the files',
    preferred: 'json',
  },
} as const satisfies Record<MethodName, Method>;
