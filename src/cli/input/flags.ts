import { string as stringArg } from '@oclif/core/args';
import { custom } from '@oclif/core/flags';
import type { OptionFlag } from '@oclif/core/interfaces';
import { splitWords } from './node-args.ts';
import { UsageError } from './usage-error.ts';
import * as values from './values.ts';

interface About {
  description: string;
  /** One letter, which argv.ts knows too. */
  char?: string;
}

/** An option of a command. Its default is written as a user would write it, so that the help shows what the parser reads. */
interface OptionMaker<Value> {
  (about: About & { default: string }): OptionFlag<Value>;
  (about: About): OptionFlag<Value | undefined>;
}

/** A kind of option, whose value `parse` reads; what it throws is put behind the option's name. */
function option<Value>(parse: (text: string) => Value, helpValue: string): OptionMaker<Value> {
  return (({ description, char, default: text }: About & { default?: string }) =>
    custom({
      description,
      ...(char === undefined ? {} : { char }),
      helpValue,
      parse: async (given: string, _context: unknown, { name }: { name: string }) => named(`--${name}`, parse, given),
      ...(text === undefined ? {} : { default: async () => parse(text), defaultHelp: async () => text }),
    } as object)()) as OptionMaker<Value>;
}

function named<Value>(name: string, parse: (text: string) => Value, text: string): Value {
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${name} ${error.problem}`) : error;
  }
}

/** A path must not be empty: it would mean the directory of the command. */
function parsePath(text: string): string {
  if (text === '') throw new UsageError('must not be empty');
  if (text.includes('\0')) throw new UsageError('must not contain a NUL');
  return text;
}

export const onOff = option(values.parseSwitch, 'true|false');
export const workerCount = option(values.parseWorkerCount, 'N|auto');
export const newWorkerCount = option(values.parseNewWorkerCount, '0|N|auto');
export const size = option(values.parseSize, 'BYTES');
export const keep = option(values.parseKeep, 'N|all');
export const seconds = option(values.parseSeconds, 'SECONDS');
export const timeout = option(values.parseTimeout, 'SECONDS|none');
export const linger = option(values.parseLinger, 'SECONDS|auto');
export const drainTimeout = option(values.parseDrainTimeout, 'SECONDS|none|default');
export const path = option(parsePath, 'PATH');
export const lines = option(values.parseLines, 'N|all');
export const slot = option(values.parseSlot, 'SLOT');
export const regExp = option(values.parseRegExp, 'RE');
export const nodeArgs = option(splitWords, "'ARGS'");
export const oneOf = <const Word extends string>(words: readonly Word[]): OptionMaker<Word> =>
  option(values.parseOneOf(words), words.join('|'));

/** The optional last argument of every command that talks to a daemon. `ignoreStdin`: oclif would wait for a pipe's end. */
export const ipcFileArg = stringArg({
  description: 'the file by which naught reaches the running server',
  default: 'naught.ipc',
  ignoreStdin: true,
  parse: async (text) => named('the ipc-file', parsePath, text),
});

export const scriptArg = stringArg({
  description: 'the server: a script that node can run',
  required: true,
  ignoreStdin: true,
  parse: async (text) => named('the script', parsePath, text),
});
