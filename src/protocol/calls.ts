import type { Static } from 'typebox';
import type { Event } from './schemas.ts';
import type { SchemaName, shapes } from './shapes.ts';
import type { MethodName, methods } from './table.ts';

type Table = typeof methods;
type Shape<Name extends SchemaName | null> = Name extends SchemaName ? Static<(typeof shapes)[Name]> : never;

/** Parameters, events and result of each method, by the table. Types alone: who imports them loads no schema. */
export type Calls = {
  [Name in MethodName]: {
    params: Shape<Table[Name]['params']>;
    event: Shape<Table[Name]['event']>;
    result: Shape<Table[Name]['result']>;
  };
};

/** Names of the methods that are answered by one of these. */
export type AnsweredBy<Who extends Table[MethodName]['answeredBy']> = {
  [Name in MethodName]: Table[Name]['answeredBy'] extends Who ? Name : never;
}[MethodName];

/** A call in progress: yields events, returns one result, or throws one CallError. A unary call yields nothing. */
export type Call<Result, Yielded = Event> = AsyncGenerator<Yielded, Result, void>;

export type CallOf<Name extends MethodName> = Call<Calls[Name]['result'], Calls[Name]['event']>;
