import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { methods } from '../../protocol/methods.ts';
import { type MethodName, mediaTypes } from '../../protocol/routes.ts';
import type { Call } from '../../protocol/types.ts';
import type { CallContext, Handlers } from './handlers.ts';
import { negotiate } from './negotiate.ts';
import { resultOf, sendStream, signalOf } from './stream.ts';

/** The typed routes: each method of the table without JSON-RPC's envelope. */
export function addRoutes(app: FastifyInstance, handlers: Handlers): void {
  for (const name of Object.keys(methods) as MethodName[]) {
    const { verb, path, params } = methods[name];
    app.route({
      method: verb,
      url: path,
      schema: verb === 'GET' ? { querystring: params } : { body: params },
      handler: (request, reply) => answer(name, handlers, request, reply),
    });
  }
}

async function answer(
  name: MethodName,
  handlers: Handlers,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  // A GET is a question with one answer, unless the client asks to follow.
  const representation = negotiate(request.raw, methods[name].verb === 'GET' ? 'json' : 'ndjson');
  const context: CallContext = {
    signal: signalOf(reply),
    streams: representation === 'ndjson',
    onJoined: () => void reply.header('naught-joined', '1'),
  };
  const handler = handlers[name] as (params: unknown, context: CallContext) => Call<unknown>;
  const call = handler(request.body ?? request.query, context);
  if (representation === 'ndjson') return sendStream(reply, call);
  return reply.header('content-type', mediaTypes.json).send(JSON.stringify(await resultOf(call)));
}
