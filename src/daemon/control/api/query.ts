import type { TSchema } from 'typebox';

interface Shape {
  type?: string;
  anyOf?: Shape[];
  properties?: Record<string, Shape>;
}

const decimal = /^-?\d+(\.\d+)?$/;

/**
 * The parameters of a GET: a query has texts alone, and the schema says which of them mean a number or true and false. What does
 * not look like one stays the text that it is, for the validator to refuse; so do names that the schema does not know.
 */
export function decodeQuery(query: Record<string, unknown>, params: TSchema): Record<string, unknown> {
  const { properties = {} } = params as Shape;
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, decode(value, typesOf(properties[name]))]),
  );
}

function typesOf(shape: Shape | undefined): Set<string | undefined> {
  return new Set([shape?.type, ...(shape?.anyOf ?? []).map(({ type }) => type)]);
}

function decode(value: unknown, types: Set<string | undefined>): unknown {
  if (typeof value !== 'string') return value;
  if ((types.has('integer') || types.has('number')) && decimal.test(value)) return Number(value);
  if (types.has('boolean') && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
