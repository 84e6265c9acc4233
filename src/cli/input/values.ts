import { availableParallelism } from 'node:os';
import { UsageError } from './usage-error.ts';

/** The values that options take. Each function throws a UsageError whose message goes on from the name of the option. */

/** As the API: more workers than this are a slip of the keyboard. */
const mostWorkers = 1024;
/** As the API. */
const mostLines = 1_000_000;
/** Seconds; what a timer of Node can hold. */
const longest = 2_000_000;
const upTo = `seconds up to ${longest}`;

export function parseSwitch(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw expected('true or false', text);
  return text === 'true';
}

export const parseWorkerCount = (text: string): number =>
  workerCount(text, 1, `a whole number from 1 to ${mostWorkers}, or auto`);

/** For deploy, where 0 keeps the count. */
export const parseNewWorkerCount = (text: string): number =>
  workerCount(text, 0, `a whole number from 1 to ${mostWorkers}, 0 to keep the count, or auto`);

function workerCount(text: string, least: number, what: string): number {
  if (text === 'auto') return availableParallelism();
  const count = wholeNumber(text);
  if (count === undefined || count < least || count > mostWorkers) throw expected(what, text);
  return count;
}

/** Bytes. */
export function parseSize(text: string): number {
  const size = wholeNumber(text);
  if (size === undefined || size < 1) throw expected('a whole number of bytes from 1', text);
  return size;
}

/** Archives to keep; null: all. */
export function parseKeep(text: string): number | null {
  if (text === 'all') return null;
  const keep = wholeNumber(text);
  if (keep === undefined) throw expected('a whole number, or all', text);
  return keep;
}

/** Last lines of a log. */
export function parseLines(text: string): number | 'all' {
  if (text === 'all') return text;
  const lines = wholeNumber(text);
  if (lines === undefined || lines > mostLines) throw expected(`a whole number up to ${mostLines}, or all`, text);
  return lines;
}

export function parseSlot(text: string): number {
  const slot = wholeNumber(text);
  if (slot === undefined) throw expected("a worker's number", text);
  return slot;
}

export function parseRegExp(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UsageError(`is not a regular expression: ${(error as Error).message}`);
  }
}

/** Seconds. */
export function parseSeconds(text: string): number {
  const seconds = decimal(text);
  if (seconds === undefined) throw expected(upTo, text);
  return seconds;
}

/** Seconds; null: none. */
export function parseTimeout(text: string): number | null {
  const seconds = text === 'none' ? null : decimal(text);
  if (seconds === undefined) throw expected(`${upTo}, or none`, text);
  return seconds;
}

/** Seconds; null: auto. */
export function parseLinger(text: string): number | null {
  const seconds = text === 'auto' ? null : decimal(text);
  if (seconds === undefined) throw expected(`${upTo}, or auto`, text);
  return seconds;
}

export function parseDrainTimeout(text: string): number | null | 'default' {
  if (text === 'default' || text === 'none') return text === 'none' ? null : text;
  const seconds = decimal(text);
  if (seconds === undefined) throw expected(`${upTo}, none, or default`, text);
  return seconds;
}

export const parseOneOf =
  <const Word extends string>(words: readonly Word[]) =>
  (text: string): Word => {
    const word = words.find((candidate) => candidate === text);
    if (word === undefined) throw expected(words.join(' or '), text);
    return word;
  };

/** Strictly: `5x`, `1e3`, ` 5` and `` are no numbers here. */
function wholeNumber(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

function decimal(text: string): number | undefined {
  const number = /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  return number <= longest ? number : undefined;
}

const expected = (what: string, text: string): UsageError => new UsageError(`must be ${what}, not \`${text}\``);
