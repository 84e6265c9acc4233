export const newline = 10;

/** A line without its newline, or a piece of a very long one. */
export interface Piece {
  bytes: Buffer;
  /** Where it begins. */
  offset: number;
  /** Whether a newline ends it. */
  ended: boolean;
}

/** The place after the first newline from `from` on; 0 when there is none. */
export function lineEnd(bytes: Buffer, from = 0): number {
  return bytes.indexOf(newline, from) + 1;
}

/** The place after the last newline before `before`; 0 when there is none. */
export function lastLineEnd(bytes: Buffer, before = bytes.length): number {
  return before === 0 ? 0 : bytes.lastIndexOf(newline, before - 1) + 1;
}

/** The lines of what is in hand. One of more than `longest` bytes comes in pieces, cut between the characters of UTF-8. */
export function* piecesIn(bytes: Buffer, longest: number, offset = 0): Generator<Piece, void> {
  for (let from = 0; from < bytes.length; ) {
    const newlineAt = bytes.indexOf(newline, from);
    const lineEnd = newlineAt < 0 ? bytes.length : newlineAt;
    const end = lineEnd - from <= longest ? lineEnd : characterBefore(bytes, from + longest);
    yield { bytes: bytes.subarray(from, end), offset: offset + from, ended: end === newlineAt };
    from = end === newlineAt ? end + 1 : end;
  }
}

/** The lines of a stream of bytes: those that end in a chunk come together. `offset`: that of the first byte. */
export async function* piecesOf(
  chunks: AsyncIterable<Buffer>,
  longest: number,
  offset: number,
): AsyncGenerator<Piece[], void> {
  // In parts: to join all of a long line again at each chunk would take a time that is the square of its length.
  let rest: Buffer[] = [];
  let length = 0;
  let at = offset;
  for await (const chunk of chunks) {
    rest.push(chunk);
    length += chunk.length;
    if (length <= longest && lineEnd(chunk) === 0) continue;
    const pieces = [...piecesIn(joined(rest), longest, at)];
    const unfinished = pieces.at(-1)?.ended === false ? pieces.pop() : undefined;
    rest = unfinished ? [unfinished.bytes] : [];
    at = unfinished?.offset ?? at + length;
    length = unfinished?.bytes.length ?? 0;
    yield pieces;
  }
  if (length > 0) yield [{ bytes: joined(rest), offset: at, ended: false }];
}

/** How many lines there are, an unfinished one at the end included. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = lineEnd(bytes); at > 0; at = lineEnd(bytes, at)) count += 1;
  return lastLineEnd(bytes) === bytes.length ? count : count + 1;
}

/** Cuts text that comes in chunks at its newlines. */
export class TextLines {
  readonly #longest: number;
  /** In parts, as in `piecesOf`. */
  #rest: string[] = [];
  #length = 0;

  /** `longest`: characters that are kept of an unfinished line. One that is longer loses what comes after them. */
  constructor(longest = Number.POSITIVE_INFINITY) {
    this.#longest = longest;
  }

  /** The lines that this chunk ends. */
  push(chunk: string): string[] {
    const lines = chunk.split('\n');
    const last = lines.pop() ?? '';
    if (lines.length > 0) lines[0] = this.end() + lines[0];
    const kept = last.slice(0, this.#longest - this.#length);
    if (kept !== '') this.#rest.push(kept);
    this.#length += kept.length;
    return lines;
  }

  /** What no newline has ended. */
  end(): string {
    const rest = this.#rest.join('');
    this.#rest = [];
    this.#length = 0;
    return rest;
  }
}

function joined(parts: Buffer[]): Buffer {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** The place, or where the character begins in whose midst it is. Behind it there are more bytes. */
function characterBefore(bytes: Buffer, place: number): number {
  for (let at = place; at > place - 4; at--) if ((bytes[at]! & 0xc0) !== 0x80) return at;
  return place;
}
