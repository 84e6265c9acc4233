const newline = 10;
/** Bytes of one line that are put together; the rest of a longer one is another piece. A line of JSON has to fit. */
const longest = 8 * 1024 * 1024;

/** A line, or a part of a very long one. */
export interface Piece {
  bytes: Buffer;
  /** Where it begins. */
  offset: number;
  /** Whether a newline ends it. */
  ended: boolean;
}

/** Cuts chunks into lines: those that end in a chunk come together. `offset`: that of the first byte. */
export async function* piecesOf(chunks: AsyncIterable<Buffer>, offset: number): AsyncGenerator<Piece[], void> {
  let rest: Buffer[] = [];
  let length = 0;
  let at = offset;
  const take = (ended: boolean): Piece => {
    const bytes = rest.length === 1 ? rest[0]! : Buffer.concat(rest);
    const piece = { bytes, offset: at, ended };
    at += bytes.length + (ended ? 1 : 0);
    rest = [];
    length = 0;
    return piece;
  };
  for await (const chunk of chunks) {
    const pieces: Piece[] = [];
    for (let start = 0; start < chunk.length; ) {
      const end = chunk.indexOf(newline, start);
      const bytes = chunk.subarray(start, end < 0 ? chunk.length : end);
      rest.push(bytes);
      length += bytes.length;
      if (end >= 0) pieces.push(take(true));
      else if (length >= longest) pieces.push(take(false));
      start = end < 0 ? chunk.length : end + 1;
    }
    if (pieces.length > 0) yield pieces;
  }
  if (length > 0) yield [take(false)];
}
