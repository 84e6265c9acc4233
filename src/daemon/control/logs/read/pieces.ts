const newline = 10;
/**
 * Bytes of one piece of a long line: what a reader has in hand of it, in several forms. A line of JSON, which the daemon wrote and
 * bounded, has to be in one piece to be parsed.
 */
export const pieceSize = { plain: 64 * 1024, json: 8 * 1024 * 1024 };

/** A line, or a part of a very long one. */
export interface Piece {
  bytes: Buffer;
  /** Where it begins. */
  offset: number;
  /** Whether a newline ends it. */
  ended: boolean;
}

/** Cuts chunks into lines: those that end in a chunk come together. `offset`: that of the first byte. */
export async function* piecesOf(
  chunks: AsyncIterable<Buffer>,
  offset: number,
  longest: number,
): AsyncGenerator<Piece[], void> {
  let rest: Buffer[] = [];
  let length = 0;
  let at = offset;
  const take = (ended: boolean, goesOn = false): Piece => {
    const all = rest.length === 1 ? rest[0]! : Buffer.concat(rest);
    const bytes = goesOn ? all.subarray(0, characterBefore(all, all.length)) : all;
    const piece = { bytes, offset: at, ended };
    at += bytes.length + (ended ? 1 : 0);
    length = all.length - bytes.length;
    rest = length > 0 ? [all.subarray(bytes.length)] : [];
    return piece;
  };
  for await (const chunk of chunks) {
    const pieces: Piece[] = [];
    for (let start = 0; start < chunk.length; ) {
      const lineEnd = chunk.indexOf(newline, start);
      const end = Math.min(lineEnd < 0 ? chunk.length : lineEnd, start + longest - length);
      rest.push(chunk.subarray(start, end));
      length += end - start;
      if (end === lineEnd) pieces.push(take(true));
      else if (length >= longest) pieces.push(take(false, true));
      start = end === lineEnd ? end + 1 : end;
    }
    if (pieces.length > 0) yield pieces;
  }
  if (length > 0) yield [take(false)];
}

/** Where a piece ends that begins at `from`, of a line that ends at `end`. */
export function cutAt(bytes: Buffer, from: number, end: number): number {
  return end - from <= pieceSize.plain ? end : characterBefore(bytes, from + pieceSize.plain);
}

/** The place, or where the character of UTF-8 begins in whose midst it is. */
function characterBefore(bytes: Buffer, place: number): number {
  for (let at = place; at > place - 4; at--) {
    const byte = bytes[at] ?? 0xff;
    if ((byte & 0xc0) !== 0x80) return at === bytes.length ? lastWhole(bytes) : at;
  }
  return place;
}

/** The end, or the beginning of a character whose end is missing there. */
function lastWhole(bytes: Buffer): number {
  for (let length = 1; length < 4; length++) {
    const byte = bytes.at(-length) ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > length ? bytes.length - length : bytes.length;
  }
  return bytes.length;
}
