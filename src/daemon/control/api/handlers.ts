import type { Call, CallOf, Calls } from '../../../protocol/calls.ts';
import { CallError } from '../../../protocol/errors.ts';
import type { MethodName } from '../../../protocol/routes.ts';
import type { Outcome } from '../../../protocol/schemas.ts';
import type { OperationEnd, SupervisorCall } from '../../control-link.ts';
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

/** What each method does, whatever the codec. */
export function createHandlers(uplink: Uplink, operations: Operations, logs: Pick<Logs, 'read' | 'reopen'>): Handlers {
  return {
    async *status(_params, { signal, streams }) {
      const operation = streams ? operations.toFollow : null;
      if (operation) {
        const { error } = yield* operation.follow(signal);
        // Who starts a server is told that it failed, or was stopped before it was online.
        if (error && operation.kind === 'boot') throw CallError.fromWire(error);
      }
      const reply = await uplink.call({ method: 'status' });
      if ('status' in reply) return reply.status;
      throw new CallError('internal', 'the supervisor answered something else');
    },
    deploy: (params, context) => follow({ method: 'deploy', params }, context),
    stop: ({ timeout = null }, context) => follow({ method: 'stop', timeout }, context),
    async *'deploy.abort'(_params, context) {
      const { outcome, error } = yield* followToEnd({ method: 'deploy.abort' }, context);
      if (error && error.data.kind !== 'deploy-aborted' && error.data.kind !== 'deploy-failed')
        throw CallError.fromWire(error);
      return outcome;
    },
    logs: (params, { signal }) => logs.read(params, signal),
    // biome-ignore lint/correctness/useYield: a unary call yields nothing.
    async *'logs.reopen'() {
      return { logs: await logs.reopen() };
    },
  };

  async function* follow(call: SupervisorCall, context: CallContext): Call<Outcome> {
    const { outcome, error } = yield* followToEnd(call, context);
    if (error) throw CallError.fromWire(error);
    return outcome;
  }

  async function* followToEnd(call: SupervisorCall, { signal, onJoined }: CallContext): Call<OperationEnd> {
    const reply = await uplink.call(call);
    if (!('follow' in reply)) throw new CallError('internal', 'the supervisor answered something else');
    if (reply.joined) onJoined();
    return yield* operations.find(reply.follow).follow(signal);
  }
}
