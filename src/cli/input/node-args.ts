import { UsageError } from './usage-error.ts';

const gap = /\s/;
/** What a backslash escapes between double quotes, as in a shell; before anything else it is itself. */
const escapedInQuotes = /["\\$`\n]/;

/** Splits `--node-args` into words as a shell would, with quotes and backslashes but nothing else of it. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (gap.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      const { value, end } = piece(text, at);
      word = (word ?? '') + value;
      at = end;
    }
  }
  return word === undefined ? words : [...words, word];
}

/** The piece of a word that begins at `at`, and the index of its last character. */
function piece(text: string, at: number): { value: string; end: number } {
  const char = text[at]!;
  if (char === "'") return singleQuoted(text, at);
  if (char === '"') return doubleQuoted(text, at);
  if (char !== '\\') return { value: char, end: at };
  if (at + 1 === text.length) throw new UsageError(`ends in a backslash that escapes nothing: \`${text}\``);
  return { value: text[at + 1]!, end: at + 1 };
}

function singleQuoted(text: string, at: number): { value: string; end: number } {
  const end = text.indexOf("'", at + 1);
  if (end === -1) throw unclosed("'", text);
  return { value: text.slice(at + 1, end), end };
}

function doubleQuoted(text: string, start: number): { value: string; end: number } {
  let value = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return { value, end: at };
    if (text[at] === '\\' && escapedInQuotes.test(text[at + 1] ?? '')) at++;
    value += text[at];
  }
  throw unclosed('"', text);
}

const unclosed = (quote: string, text: string): UsageError => new UsageError(`has an unclosed ${quote}: \`${text}\``);
