import { UsageError } from './usage-error.ts';
import type { Kind } from './values.ts';

/** The description of an option. `to`: where its value goes in what the daemon is told, such as `logs.keep`; null: nowhere. */
export type Option<Place extends string = string> = readonly [
  // biome-ignore lint/suspicious/noExplicitAny: a table holds options of every kind.
  kind: Kind<any, any>,
  /** As a user would write it: the help shows what the parser reads. */
  standard: string | null,
  to: Place | null,
  help: string,
  /** One letter for it. */
  char?: string,
];

/** The options of a command that tells the daemon a `Target`. */
export type Options<Target = unknown> = Readonly<Record<string, Option<PlaceIn<Target>>>>;

/** What the parser makes of a command line. */
export type Values<Table extends Options> = { -readonly [Name in keyof Table]: ValueOf<Table[Name]> };

export type ValueOf<Each extends Option> =
  Each[0] extends Kind<infer Value, unknown> ? (Each[1] extends string ? Value : Value | undefined) : never;

/** What the daemon is told: the values of those options that have a place, each in its place. */
export type Told<Table extends Options> = Merged<
  {
    [Name in keyof Table]: Table[Name][2] extends infer Place extends string
      ? Nested<Place, ToldOf<Table[Name]>>
      : never;
  }[keyof Table]
>;

/** Throws a UsageError when one of the values cannot be used. */
export function tell<const Table extends Options>(table: Table, values: Values<Table>): Told<Table> {
  const told = {};
  for (const [name, [kind, , to]] of Object.entries(table)) {
    const given = values[name as keyof Table];
    if (to === null || given === undefined) continue;
    const value = kind.told === undefined ? given : kind.told(given, `--${name}`, values);
    if (value !== undefined) put(told, to.split('.'), value);
  }
  return told as Told<Table>;
}

/** Reads a text; what is wrong with it is put behind the name of what it was given for. */
export function readNamed<Value>(name: string, read: (text: string) => Value, text: string): Value {
  try {
    return read(text);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${name} ${error.problem}`) : error;
  }
}

function put(target: Record<string, unknown>, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length === 0) target[head] = value;
  else {
    target[head] ??= {};
    put(target[head] as Record<string, unknown>, rest, value);
  }
}

type PlaceIn<Target> = unknown extends Target
  ? string
  : { [Name in keyof Target & string]: PlacesOf<Name, NonNullable<Target[Name]>> }[keyof Target & string];
type PlacesOf<Name extends string, Member> = Member extends object
  ? Member extends readonly unknown[]
    ? Name
    : Name | `${Name}.${keyof Member & string}`
  : Name;

type ToldOf<Each extends Option> =
  | (Each[0] extends Kind<infer _, infer Value> ? Value : never)
  | (Each[1] extends string ? never : undefined);

type Nested<Place extends string, Value> = Place extends `${infer Head}.${infer Rest}`
  ? { [Name in Head]: Nested<Rest, Value> }
  : undefined extends Value
    ? { [Name in Place]?: Exclude<Value, undefined> }
    : { [Name in Place]: Value };

type Merged<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
