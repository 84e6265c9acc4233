import { readFileSync } from 'node:fs';
import { now } from '../clock.ts';

/** How often it is looked, in milliseconds. */
const everyMs = 50;
/** Over how long, in milliseconds: the system accounts for a slice when it is over. */
const overMs = 100;
/** Of that time on the CPU, or ready to be: who uses less waits for something else. */
const busyShare = 0.3;
/** Where the system does not say, a worker loads for so long, in milliseconds. */
const assumedMs = 300;

interface Look {
  at: number;
  /** Milliseconds; null: unknown. */
  busy: number | null;
}

/** Tells which of the workers that boot no longer use the CPU, so that the next one may begin beside them. */
export class Loading {
  readonly #watched = new Map<number, { pid: number; since: number; looks: Look[] }>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly onRest: (worker: number) => void) {}

  watch(worker: number, pid: number): void {
    this.#watched.set(worker, { pid, since: now(), looks: [lookAt(pid)] });
    this.#timer ??= setInterval(() => this.#look(), everyMs).unref();
  }

  /** It is of no interest any more. */
  forget(worker: number): void {
    this.#watched.delete(worker);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    for (const [worker, { pid, since, looks }] of this.#watched) {
      const look = lookAt(pid);
      looks.push(look);
      while (looks[1] && look.at - looks[1].at >= overMs) looks.shift();
      const [first = look] = looks;
      if (!(rests(first, look) ?? look.at - since >= assumedMs)) continue;
      this.forget(worker);
      this.onRest(worker);
    }
  }
}

/** null: unknown. */
function rests(first: Look, last: Look): boolean | null {
  if (first.busy === null || last.busy === null) return null;
  const ms = last.at - first.at;
  return ms >= overMs && (last.busy - first.busy) / ms < busyShare;
}

/** Linux counts what the main thread has used and has waited for the CPU, in nanoseconds. */
function lookAt(pid: number): Look {
  const at = now();
  try {
    const [used, waited] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
    const busy = (Number(used) + Number(waited)) / 1e6;
    return { at, busy: Number.isFinite(busy) ? busy : null };
  } catch {
    return { at, busy: null };
  }
}
