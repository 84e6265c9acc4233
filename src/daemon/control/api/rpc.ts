import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Call } from '../../../protocol/calls.ts';
import { CallError, invalidParams, type WireError } from '../../../protocol/errors.ts';
import { type MethodName, mediaTypes, methods, rpcPath } from '../../../protocol/table.ts';
import { encodeLine } from '../../../protocol/wire.ts';
import type { CallContext, Handlers } from './handlers.ts';
import { negotiate } from './negotiate.ts';
import { sendLines, signalOf } from './stream.ts';
import { validateParams } from './validate.ts';

type Id = string | number | null;
type Response = { jsonrpc: '2.0'; id: Id } & ({ result: unknown } | { error: WireError });
type Progress = { jsonrpc: '2.0'; method: 'progress'; params: { id: Id } };
type Context = Omit<CallContext, 'onJoined'>;

/** JSON-RPC 2.0 over the same handlers: batches run in order, notifications are run and not answered. */
export function addRpc(app: FastifyInstance, handlers: Handlers): void {
  app.post(rpcPath, { config: { rawJson: true } }, (request, reply) => answer(handlers, request, reply));
}

async function answer(handlers: Handlers, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const representation = negotiate(request.raw, ['json', 'ndjson']);
  const context = { signal: signalOf(reply), streams: representation === 'ndjson' };
  const messages = respond(handlers, request.body, context);
  if (representation === 'ndjson') return sendLines(reply, encodeAll(messages));
  let last: unknown;
  for await (const message of messages) last = message;
  return last === undefined
    ? reply.code(204).send()
    : reply.header('content-type', mediaTypes.json).send(JSON.stringify(last));
}

async function* encodeAll(messages: AsyncIterable<unknown>): AsyncGenerator<string> {
  for await (const message of messages) yield encodeLine(message);
}

/** Progress as it comes, then the response: an array for a batch, nothing where there were notifications alone. */
async function* respond(
  handlers: Handlers,
  body: unknown,
  context: Context,
): AsyncGenerator<Progress | Response | Response[], void> {
  const request = typeof body === 'string' ? parse(body) : body;
  if (request instanceof CallError) return yield failure(null, request);
  if (!Array.isArray(request)) {
    const response = yield* run(handlers, request, context);
    if (response) yield response;
    return;
  }
  if (request.length === 0) return yield failure(null, new CallError('invalid-request', 'an empty batch'));
  const responses: Response[] = [];
  for (const each of request) {
    const response = yield* run(handlers, each, context);
    if (response) responses.push(response);
  }
  if (responses.length > 0) yield responses;
}

async function* run(handlers: Handlers, request: unknown, context: Context): AsyncGenerator<Progress, Response | null> {
  if (!isRequest(request)) return failure(null, new CallError('invalid-request', 'not a JSON-RPC 2.0 request'));
  const id = request.id ?? null;
  const silent = !('id' in request);
  try {
    const result = yield* progressOf(callOf(handlers, request, context), id, silent);
    return silent ? null : { jsonrpc: '2.0', id, result };
  } catch (error) {
    return silent ? null : failure(id, CallError.from(error));
  }
}

function callOf(handlers: Handlers, { method, params = {} }: Request, context: Context): Call<unknown, object> {
  if (!Object.hasOwn(methods, method)) throw new CallError('method-not-found', `no such method: ${method}`);
  const name = method as MethodName;
  if (Array.isArray(params)) throw invalidParams({ field: '', message: 'must be an object: they are taken by name' });
  validateParams(name, params);
  const handler = handlers[name] as (params: unknown, context: CallContext) => Call<unknown, object>;
  return handler(params, { ...context, onJoined: () => {} });
}

async function* progressOf(call: Call<unknown, object>, id: Id, silent: boolean): AsyncGenerator<Progress, unknown> {
  for (;;) {
    const item = await call.next();
    if (item.done) return item.value;
    if (!silent) yield { jsonrpc: '2.0', method: 'progress', params: { id, ...item.value } };
  }
}

interface Request {
  jsonrpc: '2.0';
  method: string;
  params?: object;
  id?: Id;
}

function isRequest(value: unknown): value is Request {
  if (typeof value !== 'object' || value === null) return false;
  const { jsonrpc, method, params, id } = value as Record<string, unknown>;
  const idFits = id === undefined || id === null || typeof id === 'string' || typeof id === 'number';
  const paramsFit = params === undefined || (typeof params === 'object' && params !== null);
  return jsonrpc === '2.0' && typeof method === 'string' && idFits && paramsFit;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    return new CallError('parse-error', (error as Error).message);
  }
}

function failure(id: Id, error: CallError): Response {
  return { jsonrpc: '2.0', id, error: error.toWire() };
}
