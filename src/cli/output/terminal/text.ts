import stringWidth from 'string-width';
import { printable } from '../../../protocol/text.ts';
import type { Look } from './look.ts';

/** SGR codes: on, off. */
const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

export type Style = keyof typeof styles;

/** A part of a line. */
export type Part = string | readonly [text: string, style: Style | undefined];

/** A line that fits into the terminal: what is too long for it is cut. */
export function line(parts: readonly Part[], { columns, color }: Pick<Look, 'columns' | 'color'>): string {
  let left = columns;
  const shown = parts.map((part) => {
    const [text, style] = typeof part === 'string' ? [part, undefined] : part;
    const fitting = cut(text, left);
    left -= stringWidth(fitting);
    return paint(fitting, color ? style : undefined);
  });
  return shown.join('').trimEnd();
}

function paint(text: string, style: Style | undefined): string {
  if (style === undefined || text.trim() === '') return text;
  const [on, off] = styles[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

const asciiOnly = /^[ -~]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** As much of it as so many columns hold, on one line. */
export function cut(text: string, columns: number): string {
  const shown = printable(text).replaceAll(/[\t\n]/g, ' ');
  if (asciiOnly.test(shown)) return shown.slice(0, Math.max(0, columns));
  let left = columns;
  let fitting = '';
  for (const { segment } of graphemes.segment(shown)) {
    left -= stringWidth(segment);
    if (left < 0) break;
    fitting += segment;
  }
  return fitting;
}

/** Cells under each other: `left` for words, `right` for numbers. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const space = ' '.repeat(Math.max(0, columns - stringWidth(text)));
  return side === 'left' ? text + space : space + text;
}

export const widest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => stringWidth(text)));

/** A sentence, broken between its words; at most so many lines. */
export function wrapped(text: string, columns: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.slice(0, most);
}
