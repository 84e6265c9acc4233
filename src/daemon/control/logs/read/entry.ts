import { isUtf8 } from 'node:buffer';
import type { Piece } from '../../../../protocol/lines.ts';
import type { LogLine, LogStream } from '../../../../protocol/log-schemas.ts';

/**
 * Bytes of one piece of a long line: what a reader has in hand of it, in several forms. A line of JSON, which the daemon wrote and
 * bounded, has to be in one piece to be parsed.
 */
export const pieceSize = { plain: 64 * 1024, json: 8 * 1024 * 1024 };

/** What is known of a line besides its bytes. */
export type Origin = Pick<LogLine, 'stream' | 'time' | 'slot' | 'pid'>;

/** A line as the API has it. */
export function lineOf({ bytes, ended }: Pick<Piece, 'bytes' | 'ended'>, origin: Origin): LogLine {
  return {
    event: 'Line',
    ...origin,
    line: bytes.toString(),
    ...(isUtf8(bytes) ? {} : { base64: bytes.toString('base64') }),
    ...(ended ? {} : { partial: true }),
  };
}

/** A line of a log in JSON, taken out of its wrapping; one that is not a worker's (a note, a line from before) as it stands. */
export function unwrapped(piece: Piece, stream: LogStream): LogLine {
  const { time, slot, pid, stream: from, line, base64, partial } = parsed(piece.bytes);
  if (typeof line !== 'string' || (from !== 'stdout' && from !== 'stderr')) return lineOf(piece, { stream });
  return {
    event: 'Line',
    stream: from,
    line,
    ...(base64 === undefined ? {} : { base64 }),
    ...(partial === undefined ? {} : { partial }),
    ...(time === undefined ? {} : { time }),
    ...(slot === undefined ? {} : { slot }),
    ...(pid === undefined ? {} : { pid }),
  };
}

function parsed(bytes: Buffer): Partial<LogLine> {
  try {
    return JSON.parse(bytes.toString()) ?? {};
  } catch {
    return {};
  }
}
