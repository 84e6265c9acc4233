import type { Stats } from 'node:fs';
import { errorCode, remove, type System } from '../system.ts';

/** Milliseconds in which a gzip that is being written grows. Removing one nevertheless costs no line: it is done again. */
const patience = 5000;

/** Half-written gzips that were found: removed, but for those that another living daemon writes. */
export class PartFiles {
  readonly #system: System;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(system: System) {
    this.#system = system;
  }

  remove(part: string): void {
    if (isOfOther(part)) this.#removeUnlessItGrows(part);
    else remove(this.#system, part);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** The pid tells little: in a new container another process may have it. */
  #removeUnlessItGrows(part: string): void {
    const before = this.#look(part);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const after = this.#look(part);
      if (after?.size === before?.size && after?.mtimeMs === before?.mtimeMs) remove(this.#system, part);
    }, patience).unref();
    this.#timers.add(timer);
  }

  #look(part: string): Stats | undefined {
    try {
      return this.#system.fs.lstatSync(part, { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }
}

/** `NAME.gz.PID-RANDOM.part` of a process that is alive and not this one. */
function isOfOther(part: string): boolean {
  const pid = Number(/\.(\d+)-[0-9a-f]+\.part$/.exec(part)?.[1]);
  if (!pid || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
