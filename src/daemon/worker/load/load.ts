import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoadReport } from '../../worker-link.ts';
import { report } from '../report-pipe.ts';
import type { Answers } from './answers.ts';

/** How often it is looked, in milliseconds. */
const interval = 1_000;

/** Milliseconds between two looks at the event loop of a worker that is at work; they wake an idle one, which has no delays. */
const resolution = 20;

/** Share of a CPU from which a worker is at work. */
const atWork = 0.02;

/** Resident memory is told in steps of so many bytes: it changes by a page or two all the time. */
const memoryStep = 1024 * 1024;

/** Tells the supervisor each second how busy this worker is, when that has changed. Holds no process. */
export function reportLoad(answers: Answers): void {
  const delay = new LoopDelay();
  let cpu = process.cpuUsage();
  let at = performance.now();
  let { count } = answers;
  let told = '';
  setInterval(() => {
    const now = performance.now();
    const used = process.cpuUsage(cpu);
    const share = (used.user + used.system) / 1000 / (now - at);
    const load: LoadReport = {
      type: 'load',
      rss: Math.round(process.memoryUsage.rss() / memoryStep) * memoryStep,
      cpu: round(share, 100),
      delay: Math.round(Math.max(delay.take(share >= atWork), now - at - interval)),
      rate: Math.round(((answers.count - count) * 1000) / (now - at)),
      answers: answers.byClass,
      latency: { count: answers.count, sum: round(answers.sum, 1e6), buckets: answers.buckets },
    };
    cpu = process.cpuUsage();
    at = now;
    count = answers.count;
    const line = JSON.stringify(load);
    if (line === told) return;
    told = line;
    report(load);
  }, interval).unref();
}

/** By how much the event loop is late, as long as the worker is at work. */
class LoopDelay {
  #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution });

  /** Milliseconds, at the 99th percentile since the last call; goes on looking when the worker is at work. */
  take(isAtWork: boolean): number {
    const { count } = this.#histogram;
    // What it records is the time between two looks.
    const delay = count === 0 ? 0 : this.#histogram.percentile(99) / 1e6 - resolution;
    this.#histogram.reset();
    if (isAtWork) this.#histogram.enable();
    else this.#histogram.disable();
    return delay;
  }
}

const round = (number: number, parts: number): number => Math.round(number * parts) / parts;
