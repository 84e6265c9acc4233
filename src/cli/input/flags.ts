import { custom as customArg, string as stringArg } from '@oclif/core/args';
import { boolean, custom } from '@oclif/core/flags';
import type { BooleanFlag, OptionFlag } from '@oclif/core/interfaces';
import { type Option, type Options, readNamed, type ValueOf } from './option.ts';
import { alone, type Kind, readPath } from './values.ts';

type FlagOf<Each extends Option> = Each[0] extends typeof alone ? BooleanFlag<boolean> : OptionFlag<ValueOf<Each>>;

/** A table of options as the flags of oclif. */
export function flagsOf<const Table extends Options>(table: Table): { [Name in keyof Table]: FlagOf<Table[Name]> } {
  const flags = Object.entries(table).map(([name, option]) => [name, flagOf(name, option)]);
  return Object.fromEntries(flags);
}

function flagOf(name: string, [kind, standard, , help, char]: Option) {
  const about = { description: help, ...(char === undefined ? {} : { char }) } as { description: string; char?: 'a' };
  if (kind === alone) return boolean(about);
  return custom<unknown>({
    ...about,
    helpValue: kind.form,
    // Not greedily: it would take the ipc-file for another value.
    ...(kind.repeatable ? { multiple: true, multipleNonGreedy: true } : {}),
    parse: async (given: string) => readNamed(`--${name}`, kind.read, given),
    ...(standard === null ? {} : { default: async () => kind.read(standard), defaultHelp: async () => standard }),
  } as object)();
}

/** A path as an argument. `ignoreStdin`: oclif would wait for a pipe's end. */
const pathArg = (name: string) => ({
  ignoreStdin: true,
  parse: async (text: string) => readNamed(name, readPath, text),
});

/** The optional last argument of every command that talks to a daemon. */
export const ipcFileArg = stringArg({
  description: 'the file by which naught reaches the running server',
  default: 'naught.ipc',
  ...pathArg('the ipc-file'),
});

/** A value as an argument. `name`: as messages name it. */
export const valueArg = <Value>(kind: Kind<Value>, name: string, description: string) =>
  customArg<Value>({
    description,
    ignoreStdin: true,
    parse: async (text) => readNamed(name, kind.read, text),
  })({ required: true });

export const scriptArg = stringArg({
  description: 'the server: a script that node can run',
  required: true,
  ...pathArg('the script'),
});
