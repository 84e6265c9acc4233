import type { Call } from './calls.ts';
import { CallError, type WireError } from './errors.ts';
import { TextLines } from './lines.ts';

/** A typed route's stream has an event a line, then exactly one `{result}` or `{error}`: told apart by their one key. */
export const encodeLine = (line: unknown): string => `${JSON.stringify(line)}\n`;

/** The lines of a byte stream, each parsed. A last line without its newline counts: a cut stream is told by what it lacks. */
export async function* decodeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown, void, void> {
  const decoder = new TextDecoder();
  const text = new TextLines();
  for await (const chunk of chunks) {
    for (const line of text.push(decoder.decode(chunk, { stream: true })))
      if (line.trim() !== '') yield parseLine(line);
  }
  const last = text.end();
  if (last.trim() !== '') yield parseLine(last);
}

/** Reads a typed route's stream back into the call that it encodes. Throws `unavailable` when it was cut short. */
export async function* decodeCall<Result, Event>(chunks: AsyncIterable<Uint8Array>): Call<Result, Event> {
  for await (const line of decodeLines(chunks)) {
    const parsed = line as Partial<{ event: string; result: Result; error: WireError }>;
    if (parsed.error !== undefined) throw CallError.fromWire(parsed.error);
    if (parsed.result !== undefined) return parsed.result;
    if (parsed.event !== undefined) yield line as Event;
  }
  throw new CutShort();
}

/** `unavailable`: the answer ended before its last line. */
export class CutShort extends CallError {
  constructor(cause?: unknown) {
    super('unavailable', 'the daemon ended the answer before its last line', undefined, { cause });
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new CutShort(cause);
  }
}
