import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Daemon, median, peakMemory, type Reader, startDaemon, startRaw } from './daemon.ts';

const burst = 1_000_000;
const rounds = 5;
/** Milliseconds; a run takes about one second. */
const hungMs = 60_000;

export interface Wall {
  perWrite: number;
  raw: number;
  /** Ratios to the raw pipe of the same round. */
  plain: number;
  gzipped: number;
}

/** Seconds from the first byte that the server writes to the last one on disk, of 100 MB in lines of 100 bytes. */
export async function measureWall(perWrite: number, memory: number[]): Promise<Wall> {
  const env = { BURST: String(burst), PER_WRITE: String(perWrite) };
  const raw: number[] = [];
  const plain: number[] = [];
  const gzipped: number[] = [];
  for (let round = 0; round < rounds; round++) {
    raw.push(await run(await startRaw(env)));
    plain.push((await run(await startDaemon(env, '--max-log-size', '10000000000'), memory)) / raw.at(-1)!);
    gzipped.push((await run(await startDaemon(env), memory)) / raw.at(-1)!);
  }
  return { perWrite, raw: median(raw), plain: median(plain), gzipped: median(gzipped) };
}

/** What control's memory grows to with 100 MB without a newline, and with a log of JSON. */
export async function measureMemory(memory: number[]): Promise<void> {
  const env = { BURST: String(burst), PER_WRITE: '640' };
  // Without rotation: END ends a line longer than a log may be, and would be in the archive.
  await run(await startDaemon({ ...env, NEWLINE: 'x' }, '--max-log-size', '10000000000'), memory);
  await run(await startDaemon(env, '--log-format', 'json'), memory);
}

async function run(reader: Reader | Daemon, memory: number[] = []): Promise<number> {
  const began = performance.now();
  const elapsed = () => performance.now() - began;
  try {
    process.kill(reader.server, 'SIGUSR2');
    while (!endReached(join(reader.dir, 'stdout.log'))) {
      if (elapsed() > hungMs) throw new Error(`the last line is not in ${reader.dir}/stdout.log after ${hungMs} ms`);
      await setTimeout(2);
    }
    if ('control' in reader) memory.push(peakMemory(reader.control));
    return elapsed() / 1000;
  } finally {
    await reader.stop();
  }
}

/** Whether the last line is there. */
function endReached(file: string): boolean {
  const fd = openSync(file, 'r');
  try {
    const tail = Buffer.alloc(100);
    const { size } = fstatSync(fd);
    readSync(fd, tail, 0, 100, Math.max(0, size - 100));
    return tail.includes('END');
  } finally {
    closeSync(fd);
  }
}
