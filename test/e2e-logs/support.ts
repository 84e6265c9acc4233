import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { piecesIn } from '../../src/protocol/lines.ts';
import { eventually } from '../support/eventually.ts';
import { type Naught, root } from '../support/naught.ts';
import { processes } from '../support/processes.ts';

export const writer = join(root, 'test/fixtures/logs/writer.cjs');
export const filler = 'x'.repeat(88);

/** The names of a log's archives, without `.gz`, oldest first, and that of the log itself. */
export function filesOf(naught: Naught, log: string): string[] {
  const { dir, name, ext, base } = parse(log);
  const files = readdirSync(naught.path(dir)).map((file) => file.replace(/\.gz$/, ''));
  const inode = (file: string) => statSync(naught.path(join(dir, file)), { throwIfNoEntry: false })?.ino;
  // A control process that is killed within a rotation leaves the current log two names, until the next one.
  const isSecondName = (file: string) => inode(file) !== undefined && inode(file) === inode(base);
  const archives = files.filter((file) => file.startsWith(`${name}-`) && file.endsWith(ext) && !isSecondName(file));
  return [...[...new Set(archives)].sort(), base];
}

/** All bytes of a log, over its archives. */
export function bytesIn(naught: Naught, log: string): Buffer {
  const folder = parse(log).dir;
  return Buffer.concat(filesOf(naught, log).map((file) => contentOf(naught.path(join(folder, file)))));
}

/** All lines of a log, over its archives. */
export function linesIn(naught: Naught, log: string): string[] {
  return linesOf(bytesIn(naught, log));
}

/** One by one: a log of 512 MB is longer than a string may be. */
export function linesOf(bytes: Buffer): string[] {
  return [...piecesIn(bytes, bytes.length)].map((line) => line.bytes.toString());
}

/** Of an archive. The gzip is there before the plain file is removed; both may be gone, when it is one too many. */
function contentOf(path: string): Buffer {
  if (existsSync(path)) {
    try {
      return readFileSync(path);
    } catch {
      // It was gzipped meanwhile.
    }
  }
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : Buffer.alloc(0);
}

export interface Tally {
  missing: number;
  twice: number;
  /** Lines that are none of those that were written. */
  others: string[];
}

/** What has become of the numbered lines 0 … count-1 of each slot. */
export function tallyOf(lines: string[], counts: number[]): Tally {
  const seen = counts.map((count) => new Uint8Array(count));
  const tally: Tally = { missing: 0, twice: 0, others: [] };
  for (const line of lines) {
    const [, slot, number, rest] = /^w(\d+) (\d+) (x+)$/.exec(line) ?? [];
    const numbers = seen[Number(slot)];
    if (!numbers || Number(number) >= numbers.length || rest !== filler) tally.others.push(line);
    else if (numbers[Number(number)]) tally.twice += 1;
    else numbers[Number(number)] = 1;
  }
  tally.missing = seen.reduce((sum, numbers) => sum + numbers.filter((times) => times === 0).length, 0);
  return tally;
}

export const nothingLost: Tally = { missing: 0, twice: 0, others: [] };

export function controlOf(naught: Naught): number | undefined {
  const daemon = naught.pid();
  return processes().find(({ parent, title }) => parent === daemon && title === 'naught: control')?.pid;
}

/** Waits until a log of the daemon says something as often as that. */
export function said(naught: Naught, text: RegExp, times = 1, log = 'naught.log'): Promise<true> {
  return eventually(
    () => (linesIn(naught, log).filter((line) => text.test(line)).length >= times ? true : undefined),
    30_000,
  );
}
