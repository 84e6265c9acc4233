import { shapes } from '../shapes.ts';
import { type Method, methods } from '../table.ts';
import { hoister } from './hoist.ts';

/**
 * The types of the API written out, for who uses `naught2/client`: in the source they are computed from the schemas, by a library
 * that users do not install. Returns a declaration for each file that names that library, by its path in src/protocol.
 */
export function typeDeclarations(): Record<string, string> {
  const schemas: Record<string, Schema> = {};
  const hoist = hoister(schemas as Record<string, unknown>);
  const nameOf = (shape: string) => typeText(hoist(shapes[shape as keyof typeof shapes] as object) as Schema);
  const rows = Object.entries<Method>(methods).map(
    ([name, { params, event, result }]) =>
      `  '${name}': { params: ${nameOf(params)}; event: ${event ? nameOf(event) : 'never'}; result: ${nameOf(result)} };\n`,
  );
  const named = Object.entries(schemas).map(
    ([name, schema]) => `${doc(schema, '')}export type ${name} = ${typeText(schema)};\n`,
  );
  return {
    'schemas.d.ts': named.sort().join('\n'),
    ...Object.fromEntries(otherSchemas.map((name) => [`${name}-schemas.d.ts`, "export * from './schemas.ts';\n"])),
    'shapes.d.ts': 'export type SchemaName = string;\n',
    'calls.d.ts': callsText(Object.keys(schemas).sort(), rows.join('')),
  };
}

/** The files of the source that have some of them. */
const otherSchemas = ['log', 'release', 'rollout', 'status'];

/** As much of JSON Schema as the shapes use. */
interface Schema {
  $ref?: string;
  const?: unknown;
  anyOf?: Schema[];
  type?: string;
  description?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  patternProperties?: Record<string, Schema>;
}

function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.replace(/.*\//, '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' | ');
  switch (schema.type) {
    case 'integer':
      return 'number';
    case 'array':
      return `Array<${typeText(schema.items ?? {})}>`;
    case 'object':
      return objectText(schema);
    default:
      return schema.type ?? 'unknown';
  }
}

function objectText({ properties = {}, required = [], patternProperties }: Schema): string {
  if (patternProperties !== undefined)
    return `Record<string, ${Object.values(patternProperties).map(typeText).join(' | ')}>`;
  const members = Object.entries(properties).map(
    ([name, schema]) =>
      `${doc(schema, '  ')}  ${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeText(schema)};\n`,
  );
  return `{\n${members.join('')}}`;
}

const doc = ({ description }: Schema, indent: string): string =>
  description === undefined ? '' : `${indent}/** ${description.replaceAll('*/', '* /')} */\n`;

const callsText = (names: string[], rows: string): string => `import type { ${names.join(', ')} } from './schemas.ts';
import type { MethodName, methods } from './table.ts';
/** Parameters, events and result of each method. */
export type Calls = {
${rows}};
type Table = typeof methods;
export type AnsweredBy<Who extends Table[MethodName]['answeredBy']> = {
  [Name in MethodName]: Table[Name]['answeredBy'] extends Who ? Name : never;
}[MethodName];
/** A call in progress: yields events, returns one result, or throws one CallError. */
export type Call<Result, Yielded = Event> = AsyncGenerator<Yielded, Result, void>;
export type CallOf<Name extends MethodName> = Call<Calls[Name]['result'], Calls[Name]['event']>;
`;
