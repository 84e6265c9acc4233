import { expect, test } from 'vitest';
import {
  countLines,
  lastLineEnd,
  lineEnd,
  type Piece,
  piecesIn,
  piecesOf,
  TextLines,
} from '../../src/protocol/lines.ts';

test('finds the ends of lines', () => {
  const bytes = Buffer.from('ab\ncd\ne');
  expect([lineEnd(bytes), lineEnd(bytes, 3), lineEnd(bytes, 6)]).toEqual([3, 6, 0]);
  expect([lastLineEnd(bytes), lastLineEnd(bytes, 5), lastLineEnd(bytes, 2), lastLineEnd(bytes, 0)]).toEqual([
    6, 3, 0, 0,
  ]);
});

test('counts lines, the unfinished one too', () => {
  const counts = ['', 'a', 'a\n', 'a\nb', '\n\n'].map((text) => countLines(Buffer.from(text)));
  expect(counts).toEqual([0, 1, 1, 2, 2]);
});

test('cuts a long line in pieces between its characters', () => {
  expect(shown(piecesIn(Buffer.from('ääää\nb\n\nc'), 3))).toEqual([
    '0 ä…',
    '2 ä…',
    '4 ä…',
    '6 ä',
    '9 b',
    '11 ',
    '12 c…',
  ]);
});

test('cuts a line whose length is just that of a piece nowhere', () => {
  expect(shown(piecesIn(Buffer.from('abc\nabc'), 3))).toEqual(['0 abc', '4 abc…']);
});

test('cuts a stream as it cuts what is in hand, wherever its chunks end', async () => {
  const bytes = Buffer.from(`first\n${'ö€😀'.repeat(20)}\n\nlast`);
  const expected = shown(piecesIn(bytes, 7, 100));
  for (let size = 1; size <= bytes.length; size++) {
    const pieces: Piece[] = [];
    for await (const some of piecesOf(chunksOf(bytes, size), 7, 100)) pieces.push(...some);
    expect(shown(pieces)).toEqual(expected);
  }
});

test('cuts text that comes in chunks', () => {
  const lines = new TextLines();
  expect(['a', 'b\nc', '\n\nd'].map((chunk) => lines.push(chunk))).toEqual([[], ['ab'], ['c', '']]);
  expect([lines.end(), lines.end()]).toEqual(['d', '']);
});

test('keeps the beginning alone of a line of text that is too long', () => {
  const lines = new TextLines(3);
  expect(['ab', 'cdef', 'gh', 'i\nj\n'].map((chunk) => lines.push(chunk))).toEqual([[], [], [], ['abci', 'j']]);
});

function shown(pieces: Iterable<Piece>): string[] {
  return [...pieces].map(({ bytes, offset, ended }) => `${offset} ${bytes}${ended ? '' : '…'}`);
}

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
