import type { OnlineOn } from '../../daemon/start-config.ts';
import {
  healthPath as healthUrl,
  longestSeconds,
  mostLines,
  mostReleases,
  mostWorkers,
  shortestHealthEvery,
} from '../../protocol/limits.ts';
import { shortened } from '../../protocol/text.ts';
import { usableCpus } from '../../protocol/usable-cpus.ts';
import { type Environment, environmentOf, readVariable, readVariableName } from './environment.ts';
import { absolutePath, folderPath, logPath, scriptPath } from './files.ts';
import { splitWords } from './node-args.ts';
import { UsageError } from './usage-error.ts';

/** A kind of value that options take. */
export interface Kind<Value, Told = Value> {
  /** How the help shows it, such as `SECONDS|none`. */
  readonly form: string;
  /** May be given several times: the values are a list. */
  readonly repeatable?: true;
  /** Reads what the user wrote. Throws a UsageError whose message goes on from the name of the option. */
  read(text: string): Value;
  /** What the daemon is told where that is not the value itself. Throws a UsageError that names the option. */
  told?(value: Value, option: string, all: Readonly<Record<string, unknown>>): Told;
}

/** Stands alone on a command line. */
export const alone: Kind<boolean> = { form: '', read: () => true };

export const onOff = choice({ true: true, false: false });
/** For what is told the other way round. */
export const offOn: Kind<boolean> = { ...onOff, told: (on) => !on };
export const oneOf = <const Word extends string>(...words: Word[]): Kind<Word> =>
  choice(Object.fromEntries(words.map((word) => [word, word])) as { [Each in Word]: Each });

const auto = {
  // Looked up for who asks for it: it reads some files.
  get auto() {
    return usableCpus();
  },
};
/** The daemon's CPUs are not always those of the command. */
const autoThere = { auto: 'auto' as const };
const from1 = `a whole number from 1 to ${mostWorkers}`;
export const workerCount = number('N', from1, whole(1, mostWorkers), auto);
/** For deploy. */
export const newWorkerCount = number('0|N', `${from1}, 0 to keep the count`, whole(0, mostWorkers), autoThere);
/** For scale: what is relative to the count of now is told as it was written. */
export const scaledCount: Kind<number | string> = {
  form: 'N|+N|-N|N%|auto',
  read: (text) => {
    if (/^([+-]\d{1,4}|\d{1,6}%)$/.test(text)) return text;
    const what = `${from1}, or relative to the count of now (+2, -1, 150%)`;
    return number('', what, whole(1, mostWorkers), autoThere).read(text);
  },
};
export const releaseNumber = number('RELEASE', 'the number of a release', whole(1), {});
export const surge = share({ all: 'all' });
export const canary = share({ none: 'none' });
export const bootParallel = number('N', from1, whole(1, mostWorkers), autoThere);
export const size = number('BYTES', 'a whole number of bytes from 1', whole(1), {});
export const keep = number('N', 'a whole number', whole(0), { all: null });
export const keptReleases = number('N', `a whole number from 1 to ${mostReleases}`, whole(1, mostReleases), {});
export const lines = number('N', `a whole number up to ${mostLines}`, whole(0, mostLines), { all: 'all' });
export const slot = number('SLOT', "a worker's number", whole(0), {});
/** What may be repeated is a list for the parser, and a value of it for the types. */
export const slots: Kind<number, number[]> = { ...slot, repeatable: true, told: (numbers) => [numbers].flat() };

const inSeconds = <const Words extends object>(words: Words) =>
  number('SECONDS', `seconds up to ${longestSeconds}`, upTo(longestSeconds), words);
export const timeout = inSeconds({ none: null });
/** How long; a time of 0 is none. */
export const bake: Kind<number | null> = { ...timeout, told: (value) => value || null };
/** For a question to a worker. */
export const healthTimeout = number('SECONDS', `seconds above 0, up to ${longestSeconds}`, from(0.001), {});
export const healthEvery = number(
  'SECONDS',
  `seconds from ${shortestHealthEvery} to ${longestSeconds}`,
  from(shortestHealthEvery),
  { none: null },
);
export const healthPath: Kind<string | null> = {
  form: 'PATH|none',
  read: (text) => {
    if (text === 'none') return null;
    if (new RegExp(healthUrl.pattern).test(text) && text.length <= healthUrl.maxLength) return text;
    throw expected('a path such as /health, with no more than 500 characters of a URL, or none', text);
  },
};
export const percent = number('PERCENT', 'percent, from 0 to 100', upTo(100), {});
export const bootTimeout = inMilliseconds(timeout);
export const spread = inMilliseconds(inSeconds({}));
export const linger = inMilliseconds(inSeconds({ auto: null }));
export const drainTimeout = inMilliseconds(inSeconds({ none: null, default: 'default' }));

/** As it was given. It must not be empty: that would mean the directory of the command. */
export const path: Kind<string> = { form: 'PATH', read: readPath };
export const file: Kind<string> = { ...path, told: absolutePath };
export const log: Kind<string> = { ...path, told: logPath };
export const folder: Kind<string> = { ...path, told: folderPath };
export const script: Kind<string> = { ...path, told: scriptPath };

/** `--override-env`: what it, `--env` and `--unset` change in the environment of the workers. */
export const environment: Kind<boolean, Environment | undefined> = { ...onOff, told: environmentOf };
export const variable: Kind<string> = { form: 'NAME=VALUE', repeatable: true, read: readVariable };
export const variableName: Kind<string> = { form: 'NAME', repeatable: true, read: readVariableName };

export const nodeArgs: Kind<string[]> = { form: "'ARGS'", read: splitWords };
/** As it was given: a path is relative to the directory of the workers, who take it. */
export const onlineOn: Kind<OnlineOn> = {
  form: 'auto|message|listening[:PORT|:PATH]',
  read: (text) => {
    const [word, place] = text.split(/:(.*)/s, 2) as [string, string?];
    const isPort = /^\d+$/.test(place ?? '');
    const fits = isPort ? place?.[0] !== '0' && Number(place) <= 65_535 : place !== '';
    if (fits && (word === 'listening' || (place === undefined && /^(auto|message)$/.test(word))))
      return text as OnlineOn;
    throw expected('auto, message, listening, listening:PORT or listening:PATH', text);
  },
};

export const regExp: Kind<RegExp> = {
  form: 'RE',
  read: (text) => {
    try {
      return new RegExp(text);
    } catch (error) {
      throw new UsageError(`is not a regular expression: ${(error as Error).message}`);
    }
  },
};

function choice<const Values extends Record<string, unknown>>(values: Values): Kind<Values[keyof Values]> {
  const words = Object.keys(values);
  return {
    form: words.join('|'),
    read: (text) => {
      if (!words.includes(text)) throw expected(words.join(' or '), text);
      return values[text] as Values[keyof Values];
    },
  };
}

/** A number, or one of a few words, which stand for a value. */
function number<const Words extends object, Value = number>(
  form: string,
  what: string,
  read: (text: string) => Value | undefined,
  words: Words,
): Kind<Value | Words[keyof Words]> {
  const names = Object.keys(words);
  const all = [what, ...names.slice(0, -1), ...names.slice(-1).map((last) => `or ${last}`)].join(', ');
  return {
    form: [form, ...names].join('|'),
    read: (text) => {
      const value = names.includes(text) ? words[text as keyof Words] : read(text);
      if (value === undefined) throw expected(all, text);
      return value;
    },
  };
}

function inMilliseconds<Value>(kind: Kind<number | Value>): Kind<number | Value> {
  return { ...kind, told: (value) => (typeof value === 'number' ? Math.round(value * 1000) : value) };
}

/** Strictly: `5x`, `1e3`, ` 5` and `` are no numbers here. */
function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number | undefined {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    return number >= least && number <= most ? number : undefined;
  };
}

/** A number of workers, or a share of their count. */
function share<const Words extends object>(words: Words) {
  const read = (text: string): string | number | undefined =>
    /^([1-9]\d?|100)%$/.test(text) ? text : whole(1, mostWorkers)(text);
  return number('N|N%', `${from1}, a share such as 25%`, read, words);
}

function from(least: number): (text: string) => number | undefined {
  return (text) => {
    const number = upTo(longestSeconds)(text);
    return number !== undefined && number >= least ? number : undefined;
  };
}

function upTo(most: number): (text: string) => number | undefined {
  return (text) => {
    const number = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    return number <= most ? number : undefined;
  };
}

export function readPath(text: string): string {
  if (text === '') throw new UsageError('must not be empty');
  if (text.includes('\0')) throw new UsageError('must not contain a NUL');
  return text;
}

const expected = (what: string, text: string): UsageError =>
  new UsageError(`must be ${what}, not \`${shortened(text)}\``);
