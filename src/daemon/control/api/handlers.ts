import type { AnsweredBy, Call, CallOf, Calls } from '../../../protocol/calls.ts';
import { CallError } from '../../../protocol/errors.ts';
import { type Method, type MethodName, methods } from '../../../protocol/table.ts';
import type { Forwarded, OperationEnd } from '../../control-link.ts';
import type { Events } from '../events.ts';
import type { Logs } from '../logs/index.ts';
import type { Operations } from '../operations.ts';
import type { Uplink } from '../uplink.ts';

export interface CallContext {
  /** Aborted when the client leaves: that ends its following, never the operation. */
  signal: AbortSignal;
  /** The client wants the progress, and not only the result. */
  streams: boolean;
  /** The operation had begun before this call. */
  onJoined(): void;
}

export type Handlers = {
  [Name in MethodName]: (params: Calls[Name]['params'], context: CallContext) => CallOf<Name>;
};

type Beginning = AnsweredBy<'operation'>;

/** What each method does, whatever the codec. */
export function createHandlers(
  uplink: Uplink,
  operations: Operations,
  events: Pick<Events, 'read'>,
  logs: Pick<Logs, 'read' | 'reopen'>,
): Handlers {
  const own = {
    async *status(params, { signal, streams }) {
      const operation = streams ? operations.toFollow : null;
      if (operation) {
        const { error } = yield* operation.follow(signal);
        // Who starts a server is told that it failed, or was stopped before it was online.
        if (error && operation.kind === 'boot') throw CallError.fromWire(error);
      }
      return uplink.call('status', params);
    },
    async *'deploy.abort'(params, context) {
      const { outcome, error } = yield* followToEnd('deploy.abort', params, context);
      if (error && error.data.kind !== 'deploy-aborted' && error.data.kind !== 'deploy-failed')
        throw CallError.fromWire(error);
      return outcome;
    },
    events: (params, { signal }) => events.read(params, signal),
    async *operation({ since }, { signal }) {
      const { outcome, error } = yield* operations.findSince(since).follow(signal, since);
      if (error) throw CallError.fromWire(error);
      return outcome;
    },
    logs: (params, { signal }) => logs.read(params, signal),
    // biome-ignore lint/correctness/useYield: a unary call yields nothing.
    async *'logs.reopen'() {
      return { logs: await logs.reopen() };
    },
  } satisfies Pick<Handlers, AnsweredBy<'control'>> & Partial<Handlers>;
  return { ...forwarded(), ...own };

  /** The methods of the table that the supervisor answers, each as its row says. */
  function forwarded(): Pick<Handlers, Forwarded> {
    const rows = Object.entries<Method>(methods).filter(([, { answeredBy }]) => answeredBy !== 'control');
    const handlers = rows.map(([name, { answeredBy }]) => {
      const forward = answeredBy === 'operation' ? follow : ask;
      return [name, (params: object, context: CallContext) => forward(name as never, params, context)];
    });
    return Object.fromEntries(handlers);
  }

  // biome-ignore lint/correctness/useYield: a unary call yields nothing.
  async function* ask(name: AnsweredBy<'supervisor'>, params: object): Call<unknown, never> {
    return uplink.call(name, params);
  }

  async function* follow(name: Beginning, params: object, context: CallContext): Call<OperationEnd['outcome']> {
    const { outcome, error } = yield* followToEnd(name, params, context);
    if (error) throw CallError.fromWire(error);
    return outcome;
  }

  async function* followToEnd(name: Beginning, params: object, { signal, onJoined }: CallContext): Call<OperationEnd> {
    const { follow, joined } = await uplink.call(name, params);
    if (joined) onJoined();
    return yield* operations.find(follow).follow(signal);
  }
}
