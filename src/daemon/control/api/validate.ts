import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { type CallError, invalidParams } from '../../../protocol/errors.ts';
import { longestEnvironment, mostValues } from '../../../protocol/limits.ts';
import type { DeployParams } from '../../../protocol/rollout-schemas.ts';
import { shapes } from '../../../protocol/shapes.ts';
import { type MethodName, methods } from '../../../protocol/table.ts';
import { turnOfItsOwn } from './turn.ts';

/** Entries whose faults are named in one go. */
const partSize = 1_000;

// All of them: a fault that is not named is counted. TypeBox's own default ends after 8.
Settings.Set({ maxErrors: mostValues });

/** Checks parameters. Throws `invalid-params` that names the fields. */
type Validator = (params: unknown) => Promise<void>;

/**
 * A strict check: nothing is coerced, and a misspelt name is an error. The schema is compiled when it is first used: compiling all
 * of them is a tenth of this process's start, for which `naught start` waits.
 */
export function validatorOf(schema: TSchema): Validator {
  let compiled: Compiled | undefined;
  return async (params) => {
    compiled ??= Compile(schema);
    if (isLarge(params)) await turnOfItsOwn();
    if (!compiled.Check(params)) throw await misfit(compiled, params);
    requireShort((params as { environment?: Environment }).environment);
  };
}

const validators = new Map(Object.entries(methods).map(([name, method]) => [name, validatorOf(shapes[method.params])]));

/** Checks the parameters of a method. Throws `invalid-params` that names the fields. */
export async function validateParams(name: MethodName, params: unknown): Promise<void> {
  await validators.get(name)?.(params);
}

/** An environment that the kernel would refuse at each start of a worker. */
function requireShort(environment: Environment = {}): void {
  let length = 0;
  for (const [name, value] of Object.entries(environment)) length += Buffer.byteLength(`${name}=${value ?? ''}`) + 1;
  if (length <= longestEnvironment) return;
  throw invalidParams({ field: 'environment', message: `takes ${length} bytes, more than ${longestEnvironment}` });
}

async function misfit(compiled: Compiled, params: unknown): Promise<CallError> {
  const faults = new Map<string, Set<string>>();
  for (const { part, offset } of partsOf(params)) {
    if (isLarge(params)) await turnOfItsOwn();
    collect(compiled.Errors(part), offset, faults);
  }
  return invalidParams(...[...faults].map(([field, texts]) => ({ field, message: choiceOf([...texts]) })));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const sizeOf = (value: unknown): number => (isObject(value) ? Object.keys(value).length : 0);

function isLarge(params: unknown): boolean {
  return isObject(params) && [params, ...Object.values(params)].some((value) => sizeOf(value) > partSize);
}

interface Part {
  part: unknown;
  /** Of an array's part: the index of its first element. */
  offset: number;
}

/** The same parameters in parts: to name all that is wrong with very many in one go would take too long. All of them are optional. */
function* partsOf(params: unknown): Generator<Part, void> {
  if (!isObject(params) || Array.isArray(params) || !isLarge(params)) return yield { part: params, offset: 0 };
  const entries = Object.entries(params);
  for (const part of slicesOf(Object.fromEntries(entries.filter(([, value]) => sizeOf(value) <= partSize)))) yield part;
  for (const [name, value] of entries) {
    if (sizeOf(value) <= partSize) continue;
    for (const { part, offset } of slicesOf(value)) yield { part: { [name]: part }, offset };
  }
}

function* slicesOf(value: object): Generator<Part, void> {
  const entries = Object.entries(value);
  for (let offset = 0; offset < entries.length; offset += partSize) {
    const slice = entries.slice(offset, offset + partSize);
    if (Array.isArray(value)) yield { part: slice.map(([, element]) => element), offset };
    else yield { part: Object.fromEntries(slice), offset: 0 };
  }
}

type Environment = NonNullable<DeployParams['environment']>;
type Compiled = ReturnType<typeof Compile>;

interface SchemaError {
  keyword?: string;
  instancePath?: string;
  message?: string;
  params?: object;
}

/** By field what is wrong with it: of a union that nothing fits, what each of its parts wants. */
function collect(errors: readonly SchemaError[], offset: number, faults: Map<string, Set<string>>): void {
  for (const error of errors) {
    const text = textOf(error);
    for (const field of fieldsOf(error, offset)) {
      const texts = faults.get(field) ?? new Set();
      if (text) texts.add(text);
      faults.set(field, texts);
    }
  }
}

/** A literal also says that it is a string: that is no other choice. */
function choiceOf(texts: string[]): string {
  const literal = texts.some((text) => text.startsWith('must be "'));
  return texts.filter((text) => !literal || text !== 'must be a string').join(', or ') || 'is not known';
}

/** null: it only says that some other error of the same field is one. */
function textOf({ keyword, message, params }: SchemaError): string | null {
  switch (keyword) {
    case 'anyOf':
    case 'boolean':
      return null;
    case 'additionalProperties':
      return 'is not known';
    case 'const':
      return `must be ${JSON.stringify((params as { allowedValue?: unknown }).allowedValue)}`;
    case 'type':
      return `must be ${typeNames[(params as { type: string }).type] ?? message}`;
    default:
      return message ?? 'is not valid';
  }
}

const typeNames: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a string',
  object: 'an object',
  array: 'an array',
  boolean: 'true or false',
  null: 'null',
};

/** A path such as `environment.A`; of names that are not known one each. */
function fieldsOf({ instancePath = '', keyword, params }: SchemaError, offset: number): string[] {
  const path = instancePath.split('/').slice(1);
  if (offset > 0 && path[1] !== undefined) path[1] = String(Number(path[1]) + offset);
  const { additionalProperties: unknown } = (params ?? {}) as { additionalProperties?: string[] };
  if (keyword !== 'additionalProperties' || !unknown) return [path.join('.')];
  return unknown.map((name) => [...path, name].join('.'));
}
