import type { Calls } from '../calls.ts';
import type { CallOptions } from '../client.ts';
import { type MethodName, methods } from '../table.ts';
import type { Following } from './following.ts';

/** What a call can be told besides its parameters. */
export type Options = Omit<CallOptions, 'stream'>;

/** Optional where all of a method's parameters are. */
type Arguments<Params> =
  Partial<Params> extends Params ? [params?: Params, options?: Options] : [params: Params, options?: Options];

/** A method by its row in the table. */
export type MethodOf<Name extends MethodName> = (
  ...given: Arguments<Calls[Name]['params']>
) => Following<Calls[Name]['result'], Calls[Name]['event']>;

/** Each method by its name, `deploy.abort` as `deploy.abort()`: a new row of the table is there by itself. */
export type Methods<Prefix extends string = ''> = {
  [Word in WordAfter<Prefix>]: (`${Prefix}${Word}` extends infer Name extends MethodName ? MethodOf<Name> : unknown) &
    Methods<`${Prefix}${Word}.`>;
};

type WordAfter<Prefix extends string> = MethodName extends infer Name
  ? Name extends `${Prefix}${infer Rest}`
    ? Rest extends `${infer Word}.${string}`
      ? Word
      : Rest
    : never
  : never;

type Caller = (name: MethodName, params?: object, options?: Options) => unknown;

/** The methods as functions that call `call`. */
export function methodsOf(call: Caller): Methods {
  const root: Record<string, unknown> = {};
  for (const name of Object.keys(methods).sort() as MethodName[]) {
    const words = name.split('.');
    const last = words.pop()!;
    const parent = words.reduce((at, word) => {
      at[word] ??= {};
      return at[word] as Record<string, unknown>;
    }, root);
    parent[last] = (params?: object, options?: Options) => call(name, params, options);
  }
  return root as Methods;
}
