import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Call } from '../../../protocol/calls.ts';
import { CallError, invalidParams, type WireError } from '../../../protocol/errors.ts';
import { longestBatch, longestBatchAnswer, longestDeployBody, longestId } from '../../../protocol/limits.ts';
import { type MethodName, mediaTypes, methods, rpcPath } from '../../../protocol/table.ts';
import { shortened } from '../../../protocol/text.ts';
import { encodeLine } from '../../../protocol/wire.ts';
import type { CallContext, Handlers } from './handlers.ts';
import { negotiate } from './negotiate.ts';
import { mapped, resultOf, sendText, signalOf } from './stream.ts';
import { Turn } from './turn.ts';
import { validateParams } from './validate.ts';

type Id = string | number | null;
type Response = { jsonrpc: '2.0'; id: Id } & ({ result: unknown } | { error: WireError });
type Context = Omit<CallContext, 'onJoined'>;

/** JSON-RPC 2.0 over the same handlers: batches run in order, notifications are run and not answered. */
export function addRpc(app: FastifyInstance, handlers: Handlers): void {
  const options = { bodyLimit: longestDeployBody, config: { rawJson: true } };
  app.post(rpcPath, options, (request, reply) => answer(handlers, request, reply));
}

async function answer(handlers: Handlers, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const representation = negotiate(request.raw, ['json', 'ndjson']);
  const context = { signal: signalOf(reply), streams: representation === 'ndjson' };
  const text = respond(handlers, parse(request.body as string), context);
  return sendText(reply, mediaTypes[representation], text);
}

/** Progress as it comes, then the response: an array for a batch, nothing where there were notifications alone. */
async function* respond(handlers: Handlers, request: unknown, context: Context): AsyncGenerator<string, void> {
  if (!Array.isArray(request)) {
    const response = yield* run(handlers, request, context);
    if (response) yield encodeLine(response);
    return;
  }
  const error = batchError(request);
  if (error) return yield encodeLine(failure(null, error));
  const responses: string[] = [];
  let length = 0;
  const turn = new Turn();
  for (const each of request) {
    await turn.share();
    const response = length < longestBatchAnswer ? yield* run(handlers, each, context) : notRun(each);
    if (response) length += responses[responses.push(JSON.stringify(response)) - 1]!.length;
  }
  // Each by itself: together they may be so many bytes that nobody else would have a turn meanwhile.
  for (const [index, response] of responses.entries()) yield `${index === 0 ? '[' : ','}${response}`;
  if (responses.length > 0) yield ']\n';
}

/** undefined: a notification. */
function notRun(request: unknown): Response | undefined {
  if (isRequest(request) && !('id' in request)) return undefined;
  const reason = `not run: the answers to this batch are longer than ${longestBatchAnswer} characters by now`;
  return failure(isRequest(request) ? (request.id ?? null) : null, new CallError('payload-too-large', reason));
}

function batchError({ length }: unknown[]): CallError | null {
  if (length === 0) return new CallError('invalid-request', 'an empty batch');
  if (length <= longestBatch) return null;
  return new CallError('invalid-request', `a batch of ${length} requests: at most ${longestBatch} are taken`);
}

/** undefined: a notification. */
async function* run(
  handlers: Handlers,
  request: unknown,
  context: Context,
): AsyncGenerator<string, Response | undefined> {
  if (request instanceof CallError) return failure(null, request);
  if (!isRequest(request)) return failure(null, new CallError('invalid-request', 'not a JSON-RPC 2.0 request'));
  const id = request.id ?? null;
  const silent = !('id' in request);
  try {
    const call = await callOf(handlers, request, context);
    const progress = (event: object) => encodeLine({ jsonrpc: '2.0', method: 'progress', params: { id, ...event } });
    const result = silent || !context.streams ? await resultOf(call, context.signal) : yield* mapped(call, progress);
    return silent ? undefined : { jsonrpc: '2.0', id, result };
  } catch (error) {
    return silent ? undefined : failure(id, CallError.from(error));
  }
}

async function callOf(
  handlers: Handlers,
  { method, params = {} }: Request,
  context: Context,
): Promise<Call<unknown, object>> {
  if (!Object.hasOwn(methods, method)) throw new CallError('method-not-found', `no such method: ${shortened(method)}`);
  const name = method as MethodName;
  if (Array.isArray(params)) throw invalidParams({ field: '', message: 'must be an object: they are taken by name' });
  await validateParams(name, params);
  const handler = handlers[name] as (params: unknown, context: CallContext) => Call<unknown, object>;
  return handler(params, { ...context, onJoined: () => {} });
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
  const idFits =
    id === undefined || id === null || typeof id === 'number' || (typeof id === 'string' && id.length <= longestId);
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
