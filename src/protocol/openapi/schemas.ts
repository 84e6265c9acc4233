import { Type } from 'typebox';
import { longestBatch, longestId } from '../limits.ts';
import { LogEvent } from '../log-schemas.ts';
import { Event } from '../schemas.ts';

/** Shapes of the envelopes, which only the published description needs. */

const WireError = Type.Object(
  {
    code: Type.Integer({ description: 'of the kind; those of naught begin at 1001' }),
    message: Type.String(),
    data: Type.Object({
      kind: Type.String({ description: 'the kind of the error, for programs' }),
      detail: Type.Optional(
        Type.Unknown({
          description:
            'what a program can act on; of invalid-params: {fields: [{field, message}]}, and `more`, how many are not named',
        }),
      ),
    }),
  },
  { title: 'Error' },
);

const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:naught:<kind>' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    error: WireError,
  },
  { title: 'Problem', description: 'A refusal (RFC 9457).' },
);

export const errorSchemas = { error: WireError, problem: Problem };

const Id = Type.Union([Type.String({ maxLength: longestId }), Type.Number(), Type.Null()], { title: 'Id' });
const version = Type.Literal('2.0');

const One = Type.Object(
  { jsonrpc: version, method: Type.String(), params: Type.Optional(Type.Object({})), id: Type.Optional(Id) },
  { title: 'RpcCall', description: 'Without an id it is a notification, and is not answered.' },
);

export const rpcSchemas = {
  request: Type.Union([One, Type.Array(One, { minItems: 1, maxItems: longestBatch })], { title: 'RpcRequest' }),
  response: Type.Object(
    { jsonrpc: version, id: Id, result: Type.Optional(Type.Unknown()), error: Type.Optional(WireError) },
    { title: 'RpcResponse' },
  ),
  progress: Type.Object(
    {
      jsonrpc: version,
      method: Type.Literal('progress'),
      params: Type.Intersect([Type.Object({ id: Id }), Type.Union([Event, LogEvent])]),
    },
    { title: 'RpcProgress' },
  ),
};

/** `event`: null for a method that yields nothing. */
export function lineSchema(event: object | null, result: object, error: object): object {
  const only = (key: string, schema: object) => ({ type: 'object', required: [key], properties: { [key]: schema } });
  return { anyOf: [...(event === null ? [] : [event]), only('result', result), only('error', error)] };
}

/** The response to a call, or to a batch of them. */
export function responseSchema(response: object): object {
  return { anyOf: [response, { type: 'array', items: response }] };
}
