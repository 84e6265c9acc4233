import { type ErrorKind, errors } from '../errors.ts';
import * as limits from '../limits.ts';
import { shapes } from '../shapes.ts';
import {
  joinedHeader,
  type Method,
  mediaTypes,
  methods,
  openapi31Path,
  openapiPath,
  type Representation,
  rpcPath,
} from '../table.ts';
import { type Hoist, hoister } from './hoist.ts';
import { errorSchemas, lineSchema, responseSchema, rpcSchemas } from './schemas.ts';

type Json = Record<string, unknown>;

/** The published description of the API (OpenAPI 3.2), from the method table. `openapi.yaml` is this, written out. */
export function openapiDocument(version: string): Json {
  const schemas: Json = {};
  const hoist = hoister(schemas);
  const paths: Record<string, Json> = {};
  for (const [name, method] of Object.entries(methods)) {
    paths[method.path] = { [method.verb.toLowerCase()]: operation(name, method, hoist) };
  }
  paths[rpcPath] = { post: rpcOperation(hoist) };
  paths[openapiPath] = { get: documentOperation('openapi', 'The same document as openapi.yaml (OpenAPI 3.2)', hoist) };
  paths[openapi31Path] = {
    get: documentOperation('openapi31', 'The same document as openapi-3.1.yaml, for tools that do not read 3.2', hoist),
  };
  return {
    openapi: '3.2.0',
    info: {
      title: 'naught2 control API',
      version,
      summary: 'Deploy to, watch and stop a running server, over its ipc-file',
      description:
        'HTTP/1.1 over the Unix socket that `naught start` makes (the ipc-file). Long operations stream their progress as ' +
        'NDJSON; exactly one result or error is the last line. A client that goes away ends only its following. A refusal is ' +
        'application/problem+json; a path that is not described here is one with 404 (method-not-found). HEAD is taken ' +
        `where GET is. A request has to be there within ${limits.longestRequestMs / 1000} s (408), and a connection takes ` +
        '100 of them. CONNECT is refused with 405; an upgrade is not made, and its request answered as any other.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: 'http://localhost', description: 'The ipc-file: curl --unix-socket naught.ipc http://localhost/status' },
    ],
    security: [],
    tags: [
      { name: 'methods', description: 'One route for each method' },
      { name: 'rpc', description: 'The same methods as JSON-RPC 2.0' },
      { name: 'meta', description: 'About the API itself' },
    ],
    paths,
    components: { schemas },
  };
}

function operation(name: string, method: Method, hoist: Hoist): Json {
  return {
    operationId: name,
    tags: ['methods'],
    summary: method.summary,
    ...(method.verb === 'POST' ? { requestBody: requestBody(method, hoist) } : queryParameters(method, hoist)),
    responses: {
      200: {
        description: method.event ? 'Done; or, as NDJSON, its progress and then its result or error' : 'Done',
        ...(method.answeredBy === 'operation' ? joined() : {}),
        content: Object.fromEntries(
          method.answers.map((answer) => [mediaTypes[answer], contents[answer](name, method, hoist)]),
        ),
      },
      ...problems([...refusalsOf(method.verb), 'invalid-params', ...method.errors], hoist),
    },
  };
}

/** Of every route: a request that is none, has too much of a header or does not come; and that of a verb beside the route's own. */
const anyRefusal: ErrorKind[] = ['invalid-request', 'method-not-allowed', 'request-timeout', 'header-too-large'];

function refusalsOf(verb: Method['verb']): ErrorKind[] {
  const ofBody: ErrorKind[] = verb === 'POST' ? ['parse-error', 'payload-too-large'] : [];
  return [...anyRefusal, 'not-acceptable', ...ofBody, 'internal'];
}

function sizeOf(bytes: number): string {
  return `${bytes / 1024} KiB and ${limits.mostValues} values`;
}

/** What is in an answer of each kind. */
const contents: Record<Representation, (name: string, method: Method, hoist: Hoist) => Json> = {
  json: (_name, { result }, hoist) => ({ schema: hoist(shapes[result]) }),
  ndjson: (name, { event, result }, hoist) => ({
    itemSchema: hoist({
      title: `${titleOf(name)}StreamLine`,
      ...lineSchema(event && hoist(shapes[event]), hoist(shapes[result]), hoist(errorSchemas.error)),
    }),
  }),
};

/** `DeployAbort` of `deploy.abort`. */
const titleOf = (name: string): string => name.replaceAll(/(?:^|\.)(\w)/g, (_, letter: string) => letter.toUpperCase());

function requestBody({ params, longestBody = limits.longestBody }: Method, hoist: Hoist): Json {
  return {
    required: false,
    description: `Taken as JSON whatever its content type; none is the same as {}. Up to ${sizeOf(longestBody)}.`,
    content: { [mediaTypes.json]: { schema: hoist(shapes[params]) } },
  };
}

function queryParameters({ params }: Method, hoist: Hoist): Json {
  const { properties = {} } = shapes[params] as { properties?: Record<string, { description?: string }> };
  const parameters = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: hoist(schema),
  }));
  return parameters.length === 0 ? {} : { parameters };
}

function joined(): Json {
  const schema = { type: 'string', const: '1' };
  return {
    headers: { [joinedHeader]: { description: 'Present when the operation had begun before this call.', schema } },
  };
}

/** One response a status: the kinds that share it are named in its description. */
function problems(kinds: readonly ErrorKind[], hoist: Hoist): Json {
  const byStatus = new Map<number, string[]>();
  for (const kind of kinds) {
    const { status, title } = errors[kind];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${kind}: ${title}`]);
  }
  const schema = hoist(errorSchemas.problem);
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      status,
      { description: titles.join('. '), content: { [mediaTypes.problem]: { schema } } },
    ]),
  );
}

function rpcOperation(hoist: Hoist): Json {
  return {
    operationId: 'rpc',
    tags: ['rpc'],
    summary: 'Any method, as JSON-RPC 2.0, batches and notifications included',
    requestBody: {
      required: true,
      description: `Taken as JSON whatever its content type. Up to ${sizeOf(limits.longestDeployBody)}.`,
      content: { [mediaTypes.json]: { schema: hoist(rpcSchemas.request) } },
    },
    responses: {
      200: {
        description: 'The response, or an array of them for a batch; as NDJSON, progress notifications before it',
        content: {
          [mediaTypes.json]: { schema: responseSchema(hoist(rpcSchemas.response)) },
          [mediaTypes.ndjson]: {
            itemSchema: hoist({
              title: 'RpcStreamLine',
              anyOf: [hoist(rpcSchemas.progress), responseSchema(hoist(rpcSchemas.response))],
            }),
          },
        },
      },
      204: { description: 'There was nothing to answer: notifications alone' },
      ...problems([...anyRefusal, 'not-acceptable', 'payload-too-large', 'internal'], hoist),
    },
  };
}

function documentOperation(operationId: string, description: string, hoist: Hoist): Json {
  return {
    operationId,
    tags: ['meta'],
    summary: 'This document',
    responses: {
      200: {
        description,
        content: { [mediaTypes.json]: { schema: { type: 'object' } } },
      },
      ...problems(anyRefusal, hoist),
    },
  };
}
