import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
} from 'fastify';
import type { TSchema } from 'typebox';
import { CallError } from '../../../protocol/errors.ts';
import { longestBody } from '../../../protocol/limits.ts';
import { openapiDocument } from '../../../protocol/openapi/document.ts';
import { openapi31Document } from '../../../protocol/openapi/document-3.1.ts';
import { methods, openapi31Path, openapiPath, rpcPath } from '../../../protocol/table.ts';
import { shortened } from '../../../protocol/text.ts';
import { acceptAnyJson } from './body.ts';
import type { Handlers } from './handlers.ts';
import {
  answerHalfOpen,
  endSlowRequests,
  idleMs,
  ignoreExpectations,
  limitIdle,
  limitRequests,
  readAllHeaders,
  refuseConnect,
  refuseMalformed,
  slowRequests,
} from './node-http.ts';
import { sendProblem } from './problem.ts';
import { addRoutes } from './routes.ts';
import { addRpc } from './rpc.ts';
import { validatorOf } from './validate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler parses the body by itself: JSON-RPC answers bad JSON in its own way. */
    rawJson?: boolean;
  }
}

/** The control API. It is not bound to a socket: the supervisor accepts the connections and hands them over. */
export function buildServer(handlers: Handlers, version: string): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: longestBody,
    forceCloseConnections: true,
    requestTimeout: slowRequests.requestTimeout,
    keepAliveTimeout: idleMs,
    http: { ...slowRequests, requireHostHeader: false }, // below, with a problem
    frameworkErrors: (error, request, reply) => void sendProblem(reply, callErrorOf(error, request)),
    clientErrorHandler: refuseMalformed,
    schemaController: { compilersFactory },
  }).withTypeProvider<TypeBoxTypeProvider>();
  answerHalfOpen(app.server);
  endSlowRequests(app.server);
  ignoreExpectations(app.server);
  limitIdle(app.server);
  limitRequests(app.server);
  readAllHeaders(app.server);
  refuseConnect(app.server);
  app.addHook('onRequest', requireHost);
  acceptAnyJson(app);
  app.setErrorHandler((error: FastifyError | CallError, request, reply) =>
    sendProblem(reply, callErrorOf(error, request)),
  );
  app.setNotFoundHandler((request, reply) => {
    const allowed = verbsOf(request.url.split('?')[0] ?? '');
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    return sendProblem(reply, unknownRoute(request, allowed));
  });
  addRoutes(app, handlers);
  addRpc(app, handlers);
  for (const [path, document] of documents) {
    app.get(path, (_request, reply) =>
      reply.header('content-type', 'application/json').send(JSON.stringify(document(version))),
    );
  }
  return app;
}

/** The published descriptions of the API, by their paths. */
const documents = new Map([
  [openapiPath, openapiDocument],
  [openapi31Path, openapi31Document],
]);

/** The same check as for /rpc, in place of Ajv, which would coerce; and answers are serialized where they are made. */
const compilersFactory = {
  buildValidator:
    () =>
    ({ schema }: { schema: TSchema }) =>
      validatorOf(schema),
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/** As RFC 9112 (3.2) has it. */
async function requireHost({ raw }: FastifyRequest): Promise<void> {
  if (raw.httpVersion === '1.1' && raw.headers.host === undefined)
    throw new CallError('invalid-request', 'the request has no Host');
}

function callErrorOf(error: FastifyError | CallError, request: FastifyRequest): CallError {
  if (error instanceof CallError) return error;
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new CallError('payload-too-large', `the body is larger than ${request.routeOptions.bodyLimit} bytes`);
  }
  if (error.statusCode && error.statusCode < 500) return new CallError('invalid-request', error.message);
  return CallError.from(error);
}

function unknownRoute({ method, url }: FastifyRequest, allowed: string[]): CallError {
  if (allowed.length === 0) return new CallError('method-not-found', `no such route: ${method} ${shortened(url)}`);
  return new CallError('method-not-allowed', `${shortened(url)} takes ${allowed.join(', ')}, not ${method}`);
}

function verbsOf(path: string): string[] {
  if (path === rpcPath) return ['POST'];
  const verbs = Object.values(methods).flatMap((method) => (method.path === path ? [method.verb] : []));
  return documents.has(path) || verbs.includes('GET') ? ['GET', 'HEAD'] : verbs;
}
