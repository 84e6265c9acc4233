import { mediaTypes } from '../table.ts';
import { openapiDocument } from './document.ts';

type Json = Record<string, unknown>;

/**
 * The same API as OpenAPI 3.1, for tools that do not read 3.2 yet. A stream of lines is a text there, and what a line is stands beside it
 * as `x-oai-itemSchema`, which is how the specification lets 3.1 have a field of 3.2; each has a component (`DeployStreamLine`), for which
 * generators make a type.
 */
export function openapi31Document(version: string): Json {
  return withoutItemSchema({ ...openapiDocument(version), openapi: '3.1.1' }) as Json;
}

function withoutItemSchema(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutItemSchema);
  if (typeof value !== 'object' || value === null) return value;
  const { itemSchema, ...rest } = value as Json;
  const walked = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, withoutItemSchema(child)]));
  if (itemSchema === undefined) return walked;
  const { $ref } = itemSchema as { $ref: string };
  const schema = {
    type: 'string',
    contentMediaType: mediaTypes.ndjson,
    description: `Lines of JSON: ${$ref.replace(/.*\//, '')}.`,
  };
  return { ...walked, schema, 'x-oai-itemSchema': itemSchema };
}
