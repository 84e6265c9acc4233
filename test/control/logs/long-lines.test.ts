import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { LogLine } from '../../../src/protocol/log-schemas.ts';
import { decodeLines } from '../../../src/protocol/wire.ts';
import { attachStream, eventually, openIn, temporaryFolder } from './helpers.ts';

const pieceSize = 64 * 1024;
/** Characters of one to four bytes, so that no size of a piece fits them. */
const long = 'aé€😀'.repeat(30_000);
const never = new AbortController().signal;

function expectPieces(lines: LogLine[]): void {
  expect(lines.map(({ line }) => line).join('')).toBe(long);
  expect(lines.length).toBeGreaterThan(4);
  for (const { line, base64, partial } of lines) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(pieceSize);
    expect(base64).toBeUndefined();
    expect(partial).toBe(line === lines.at(-1)?.line ? undefined : true);
  }
}

test('a long line that was kept comes in pieces, between characters, and counts as one', async () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'stdout-2020-01-01T00-00-00-000Z.log.gz'), gzipSync(`first\n${long}\n`));
  fs.writeFileSync(path.join(folder, 'stdout.log'), `${long}\n`);
  const logs = await openIn(folder);
  for (const lines of [1, 2]) {
    const pieces: LogLine[] = [];
    for await (const event of logs.read({ stream: 'stdout', lines }, never)) pieces.push(event as LogLine);
    const ends = pieces.flatMap(({ partial }, at) => (partial ? [] : [at + 1]));
    expect(ends).toHaveLength(lines);
    for (const [at, end] of ends.entries()) expectPieces(pieces.slice(ends[at - 1] ?? 0, end));
  }
});

test('a long line that is followed comes in pieces', async () => {
  const logs = await openIn(temporaryFolder());
  const pieces: LogLine[] = [];
  const followed = (async () => {
    for await (const event of logs.read({ stream: 'stdout', lines: 0, follow: true }, never)) {
      if (event.event === 'Line') pieces.push(event);
    }
  })();
  const stream = await attachStream(logs);
  await stream.finish(`${long}\n`);
  await eventually(() => expect(pieces.map(({ line }) => line).join('')).toBe(long));
  await logs.close(1000);
  await followed;
  expectPieces(pieces);
});

test('a reader takes a line of many chunks in a time that grows with its length alone', async () => {
  const text = JSON.stringify('x'.repeat(32_000_000));
  async function* chunks() {
    for (let at = 0; at < text.length; at += 16_384) yield Buffer.from(text.slice(at, at + 16_384));
    yield Buffer.from('\n"next"\n');
  }
  const lengths: number[] = [];
  for await (const line of decodeLines(chunks())) lengths.push((line as string).length);
  expect(lengths).toEqual([32_000_000, 4]);
}, 10_000);

test('a long line is wrapped in JSON in parts, which are its bytes together', async () => {
  const folder = temporaryFolder();
  const logs = await openIn(folder, { format: 'json' });
  const stream = await attachStream(logs);
  await stream.finish(`short\n${long}\n${'s\n'.repeat(50_000)}`);
  await logs.close(1000);
  const texts = fs.readFileSync(path.join(folder, 'stdout.log'), 'utf8').trimEnd().split('\n');
  const lines = texts.map((text) => JSON.parse(text) as LogLine);
  expect(lines.map(({ line, partial }) => line + (partial ? '' : '\n')).join('')).toBe(
    `short\n${long}\n${'s\n'.repeat(50_000)}`,
  );
  for (const { line, base64 } of lines) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2 * pieceSize);
    expect(base64).toBeUndefined();
  }
});
