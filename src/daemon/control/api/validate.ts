import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { type CallError, type FieldError, invalidParams } from '../../../protocol/errors.ts';
import { shapes } from '../../../protocol/shapes.ts';
import { type MethodName, methods } from '../../../protocol/table.ts';

/** Says what is wrong with parameters; null when nothing is. */
export type Validator = (params: unknown) => CallError | null;

/**
 * A strict check: nothing is coerced, and a misspelt name is an error. The schema is compiled when it is first used: compiling all
 * of them is a tenth of this process's start, for which `naught start` waits.
 */
export function validatorOf(schema: TSchema): Validator {
  let compiled: ReturnType<typeof Compile> | undefined;
  return (params) => {
    compiled ??= Compile(schema);
    return compiled.Check(params) ? null : invalidParams(...fieldsOf(compiled.Errors(params)));
  };
}

const validators = new Map(Object.entries(methods).map(([name, method]) => [name, validatorOf(shapes[method.params])]));

/** Checks the parameters of a method. Throws `invalid-params` that names each field. */
export function validateParams(name: MethodName, params: unknown): void {
  const error = validators.get(name)?.(params);
  if (error) throw error;
}

interface SchemaError {
  keyword?: string;
  instancePath?: string;
  message?: string;
  params?: object;
}

/** One message a field: of a union that nothing fits, what each of its parts wants. */
function fieldsOf(errors: readonly SchemaError[]): FieldError[] {
  const byField = new Map<string, string[]>();
  for (const error of errors) {
    const field = fieldOf(error);
    const texts = byField.get(field) ?? [];
    const text = textOf(error);
    if (text && !texts.includes(text)) texts.push(text);
    byField.set(field, texts);
  }
  return [...byField].map(([field, texts]) => ({ field, message: choiceOf(texts) || 'is not known' }));
}

/** A literal also says that it is a string: that is no other choice. */
function choiceOf(texts: string[]): string {
  const literal = texts.some((text) => text.startsWith('must be "'));
  return texts.filter((text) => !literal || text !== 'must be a string').join(', or ');
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

function fieldOf({ instancePath = '', keyword, params }: SchemaError): string {
  const path = instancePath.split('/').slice(1);
  const unknown = (params as { additionalProperties?: string[] } | undefined)?.additionalProperties;
  if (keyword === 'additionalProperties' && unknown) path.push(unknown.join(', '));
  return path.join('.');
}
