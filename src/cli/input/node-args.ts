import { UsageError } from './usage-error.ts';

/** A piece of a word: quoted in either way, escaped, or a character as it is; or a gap between words. */
const pieces = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|(\s+)|./gs;
/** What a backslash escapes between double quotes, as in a shell; before anything else it is itself. */
const escapedInQuotes = /\\(["\\$`\n])/g;

/** Splits `--node-args` into words as a shell would, with quotes and backslashes but nothing else of it. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [piece, single, double, escaped, gap] of text.matchAll(pieces)) {
    if (piece === "'" || piece === '"') throw new UsageError(`has an unclosed ${piece}: \`${text}\``);
    if (piece === '\\') throw new UsageError(`ends in a backslash that escapes nothing: \`${text}\``);
    if (gap === undefined) word = (word ?? '') + (single ?? double?.replace(escapedInQuotes, '$1') ?? escaped ?? piece);
    else if (word !== undefined) words.push(word);
    if (gap !== undefined) word = undefined;
  }
  return word === undefined ? words : [...words, word];
}
