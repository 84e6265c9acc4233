import { readdirSync, readFileSync } from 'node:fs';
import { now } from '../clock.ts';

/** How often it is looked, in milliseconds. */
const everyMs = 50;
/** Over how long, in milliseconds: the system accounts for a slice when it is over. */
const overMs = 100;
/** Of that time on the CPU, or in the queue for it: who uses less, and is in no queue, waits for something else. */
const busyShare = 0.3;
/** Where the system does not say, a worker loads for so long, in milliseconds. */
const assumedMs = 300;

interface Look {
  at: number;
  /** Milliseconds on the CPU, or in the queue for it until it last came to its turn; null: unknown. */
  busy: number | null;
  /** It waits for nothing else at this moment. */
  isReady: boolean;
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
      if (!(rests(looks) ?? look.at - since >= assumedMs) || isAwaited(pid)) continue;
      this.forget(worker);
      this.onRest(worker);
    }
  }
}

/** null: unknown. */
function rests(looks: Look[]): boolean | null {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first?.busy == null || last?.busy == null) return null;
  const ms = last.at - first.at;
  return ms >= overMs && (last.busy - first.busy) / ms < busyShare && !looks.some(({ isReady }) => isReady);
}

/** Linux counts what the main thread has used and has waited for the CPU, in nanoseconds, and says in a letter what it does. */
function lookAt(pid: number): Look {
  const at = now();
  try {
    const [used, waited] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
    const busy = (Number(used) + Number(waited)) / 1e6;
    return { at, busy: Number.isFinite(busy) ? busy : null, isReady: isReady(`/proc/${pid}`) };
  } catch {
    return { at, busy: null, isReady: false };
  }
}

function isReady(folder: string): boolean {
  try {
    const stat = readFileSync(`${folder}/stat`, 'latin1');
    // Its name may have brackets and blanks in it.
    return stat[stat.lastIndexOf(')') + 2] !== 'S';
  } catch {
    return false; // it is gone
  }
}

/** Another thread of the process, for which the main thread may wait, is ready. */
function isAwaited(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).some((thread) => isReady(`/proc/${pid}/task/${thread}`));
  } catch {
    return false;
  }
}
