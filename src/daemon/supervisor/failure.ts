import { CallError, type ErrorKind } from '../../protocol/errors.ts';
import type { WorkerFailure } from '../control-link.ts';
import { lookText } from './look.ts';
import type { Look } from './machine/health-check.ts';
import type { Exit, Failure } from './machine/state.ts';
import type { Seen } from './machine/strategy/strategy.ts';

/** Says how an operation failed: for a person the message, for a program the detail, for control whose stderr to show. */
export function describeFailure(
  kind: ErrorKind,
  failure: Failure | undefined,
  pidOf: (worker: number) => number | undefined,
): { error: CallError; failure?: WorkerFailure } {
  if (failure === undefined || failure.type === 'aborted') return { error: new CallError(kind) };
  const nameOf = (worker: number, slot: number) => {
    const pid = pidOf(worker);
    return pid === undefined ? `worker ${slot}` : `worker ${slot} (pid ${pid})`;
  };
  const message = reasonText(failure, nameOf);
  if (failure.type === 'errors') {
    const { type: how, ...seen } = failure;
    return { error: new CallError(kind, message, { how, ...seen }) };
  }
  const { worker, slot, type: how } = failure;
  const pid = pidOf(worker);
  const exit = failure.type === 'died' ? failure.exit : undefined;
  const detail: WorkerFailure = {
    worker,
    slot,
    how,
    ...(pid === undefined ? {} : { pid }),
    ...(exit?.code == null ? {} : { exitCode: exit.code }),
    ...(exit?.signal == null ? {} : { signal: exit.signal }),
    ...(exit?.error === undefined ? {} : { spawnError: exit.error }),
    ...(failure.type === 'unhealthy' && answerOf(failure.look)),
  };
  return { error: new CallError(kind, message, detail), failure: detail };
}

/** In one line, for a person. */
export function reasonText(failure: Failure, nameOf: (worker: number, slot: number) => string): string {
  if (failure.type === 'aborted') return 'aborted';
  if (failure.type === 'errors') return errorsText(failure);
  return `${nameOf(failure.worker, failure.slot)} ${howText(failure)}`;
}

function errorsText({ release, now, former, maxErrors }: Seen): string {
  const share = ((100 * now.errors) / now.total).toFixed(1);
  const limit = Number((100 * maxErrors).toFixed(6));
  return (
    `release ${release} answered ${now.errors} of ${now.total} requests with 5xx (${share} %; --max-errors ${limit}), ` +
    `the former release ${former.errors} of ${former.total}`
  );
}

function howText(failure: Exclude<Failure, { type: 'aborted' | 'errors' }>): string {
  switch (failure.type) {
    case 'died':
      return `${exitText(failure.exit)} ${whenText(failure.bakingMs) ?? `before ${failure.wasOnline ? 'all workers were' : 'it was'} online`}`;
    case 'offline':
      return `said 'offline' ${whenText(failure.bakingMs) ?? 'before the deploy was complete'}`;
    case 'silent':
      return `had not said 'online' after ${seconds(failure.afterMs)}`;
    case 'unhealthy': {
      const when = failure.afterMs === undefined ? 'any more' : `after ${seconds(failure.afterMs)}`;
      return `was not healthy ${when}: ${lookText(failure.look)}`;
    }
  }
}

function answerOf({ status, body }: Look): Pick<WorkerFailure, 'status' | 'body'> {
  return { ...(status === undefined ? {} : { status }), ...(body === undefined ? {} : { body }) };
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function whenText(bakingMs: number | undefined): string | undefined {
  return bakingMs === undefined ? undefined : `${(bakingMs / 1000).toFixed(1)} s after its bake began`;
}

function exitText({ code, signal, error }: Exit): string {
  if (error !== undefined) return `could not be started (${error})`;
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}
