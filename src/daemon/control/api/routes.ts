import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Call } from '../../../protocol/calls.ts';
import { shapes } from '../../../protocol/shapes.ts';
import { joinedHeader, type Method, type MethodName, mediaTypes, methods } from '../../../protocol/table.ts';
import type { CallContext, Handlers } from './handlers.ts';
import { negotiate } from './negotiate.ts';
import { decodeQuery } from './query.ts';
import { linesOf, resultOf, sendText, signalOf } from './stream.ts';
import { validateParams } from './validate.ts';

/** The typed routes: each method of the table without JSON-RPC's envelope. */
export function addRoutes(app: FastifyInstance, handlers: Handlers): void {
  for (const name of Object.keys(methods) as MethodName[]) {
    const { verb, path, params, longestBody }: Method = methods[name];
    app.route({
      method: verb,
      url: path,
      ...(verb === 'POST' ? { schema: { body: shapes[params] } } : {}),
      ...(longestBody === undefined ? {} : { bodyLimit: longestBody }),
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
  const representation = negotiate(request.raw, methods[name].answers);
  const context: CallContext = {
    signal: signalOf(reply),
    streams: representation === 'ndjson',
    onJoined: () => void reply.header(joinedHeader, '1'),
  };
  const handler = handlers[name] as (params: unknown, context: CallContext) => Call<unknown, unknown>;
  const call = handler(await paramsOf(name, request), context);
  if (representation === 'ndjson') return sendText(reply, mediaTypes.ndjson, linesOf(call));
  return reply.header('content-type', mediaTypes.json).send(JSON.stringify(await resultOf(call, context.signal)));
}

/** Checked by Fastify where they are a body. Throws `invalid-params`. */
async function paramsOf(name: MethodName, request: FastifyRequest): Promise<unknown> {
  const { verb, params } = methods[name];
  if (verb === 'POST') return request.body;
  // Not by Fastify: its compiler for TypeBox would convert a query in ways of its own ('' to 0).
  const query = decodeQuery(request.query as Record<string, unknown>, shapes[params]);
  await validateParams(name, query);
  return query;
}
