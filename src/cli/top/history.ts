import type { Status, WorkerStatus } from '../../protocol/status-schemas.ts';

/** Samples of one thing that are kept: one each second. */
const longest = 120;

/** What is drawn as a line over time. */
export const measures = ['requestsPerSecond', 'memory', 'cpu'] as const;
export type Measure = (typeof measures)[number];

export type Samples = Record<Measure, number[]>;

/** The last minutes of each worker, by its pid, and of all together. */
export class History {
  readonly #workers = new Map<number, Samples>();
  readonly total: Samples = none();

  /** Workers that are gone are forgotten. */
  add({ workers }: Pick<Status, 'workers'>): void {
    const pids = new Set(workers.map(({ pid }) => pid));
    for (const pid of [...this.#workers.keys()]) if (!pids.has(pid)) this.#workers.delete(pid);
    for (const worker of workers) {
      if (worker.pid === undefined) continue;
      const samples = this.#workers.get(worker.pid) ?? none();
      this.#workers.set(worker.pid, samples);
      for (const measure of measures) push(samples[measure], worker[measure]);
    }
    for (const measure of measures) push(this.total[measure], totalOf(workers, measure));
  }

  of(pid: number | undefined): Samples {
    return (pid === undefined ? undefined : this.#workers.get(pid)) ?? none();
  }
}

const none = (): Samples => ({ requestsPerSecond: [], memory: [], cpu: [] });

function push(samples: number[], value: number | undefined): void {
  if (value === undefined) return;
  if (samples.push(value) > longest) samples.shift();
}

/** undefined: nothing is known of any worker. */
export function totalOf(workers: readonly WorkerStatus[], measure: Measure): number | undefined {
  const known = workers.flatMap((worker) => worker[measure] ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0);
}

const blocks = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.-=+*%#' };

/** The last of them as a line of so many characters: the lowest block is 0, the highest the most of them, or `least` if that is more. */
export function sparkline(samples: readonly number[], columns: number, least: number, unicode: boolean): string {
  const shown = samples.slice(-columns);
  const most = Math.max(least, ...shown);
  const levels = unicode ? blocks.unicode : blocks.ascii;
  const line = shown.map((value) => levels[Math.round((Math.max(0, value) / most) * (levels.length - 1))]).join('');
  return line.padStart(columns);
}
