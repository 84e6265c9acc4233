import { CallError, type ErrorKind } from '../../protocol/errors.ts';
import type { WorkerFailure } from '../control-link.ts';
import { lookText } from './look.ts';
import type { Exit, Failure, Look } from './machine/state.ts';

/** Says how an operation failed: for a person the message, for a program the detail, for control whose stderr to show. */
export function describeFailure(
  kind: ErrorKind,
  failure: Failure | undefined,
  pidOf: (worker: number) => number | undefined,
): { error: CallError; failure?: WorkerFailure } {
  if (failure === undefined || failure.type === 'aborted') return { error: new CallError(kind) };
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
  const name = pid === undefined ? `worker ${slot}` : `worker ${slot} (pid ${pid})`;
  return { error: new CallError(kind, `${name} ${howText(failure)}`, detail), failure: detail };
}

function howText(failure: Exclude<Failure, { type: 'aborted' }>): string {
  switch (failure.type) {
    case 'died':
      return `${exitText(failure.exit)} before ${failure.wasOnline ? 'all workers were' : 'it was'} online`;
    case 'offline':
      return "said 'offline' before the deploy was complete";
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

function exitText({ code, signal, error }: Exit): string {
  if (error !== undefined) return `could not be started (${error})`;
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}
