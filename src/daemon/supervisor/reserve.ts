import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { mostDescriptors } from './descriptors.ts';

/** What the start of a process takes in descriptors: the pairs of its pipes, and what Node needs meanwhile. */
const most = 16;
/** Where few are allowed, this part of them. */
const part = 1 / 16;

const kept: number[] = [];

/** Starts a process with descriptors that were kept back for it: connections may have taken all others. */
export function withReserve<Started>(start: () => Started): Started {
  for (const fd of kept.splice(0)) closeSync(fd);
  try {
    return start();
  } finally {
    keep();
  }
}

function keep(): void {
  const wanted = Math.min(most, Math.floor((mostDescriptors() ?? 0) * part));
  try {
    while (kept.length < wanted) kept.push(openSync(devNull, 'r'));
  } catch {}
}
