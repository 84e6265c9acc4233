import type { WriteStream } from 'node:tty';

/** What a terminal can show. */
export interface Look {
  columns: number;
  rows: number;
  color: boolean;
  /** Whether it has more than ASCII. */
  unicode: boolean;
}

/** Columns and rows of a terminal that does not say how many it has. */
const usual = { columns: 80, rows: 24 };

type Stream = Pick<WriteStream, 'columns' | 'rows'> & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Whether lines on it can be replaced. Those of 1.x are for all the others: a dumb terminal, a log of a CI, no terminal at all. */
export function isLive({ isTTY }: { isTTY?: boolean }, { TERM, CI }: Environment = process.env): boolean {
  return isTTY === true && TERM !== undefined && TERM !== '' && TERM !== 'dumb' && !isSet(CI);
}

/** `noColor`: --no-color; otherwise Node knows the variables of others (NO_COLOR, FORCE_COLOR, COLORTERM and the like). */
export function lookOf(stream: Stream, noColor: boolean, env: Environment = process.env): Look {
  return {
    columns: stream.columns || usual.columns,
    rows: stream.rows || usual.rows,
    color: !noColor && hasColors(stream, env),
    unicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ''),
  };
}

/** Node warns of the one when both are there, on stderr, in the midst of the display. */
function hasColors(stream: Stream, env: Environment): boolean {
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return stream.hasColors?.(16, env as object) ?? false;
}

const isSet = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false'].includes(value);
