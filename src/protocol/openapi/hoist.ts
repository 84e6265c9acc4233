type Json = Record<string, unknown>;

export type Hoist = (schema: object) => Json;

/** Every schema with a title becomes a component, once, and is referred to. */
export function hoister(schemas: Json): Hoist {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    const walked = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]));
    if (typeof walked.title !== 'string' || !('type' in walked || 'anyOf' in walked)) return walked;
    schemas[walked.title] = walked;
    return { $ref: `#/components/schemas/${walked.title}` };
  };
  return (schema) => walk(JSON.parse(JSON.stringify(schema))) as Json;
}
