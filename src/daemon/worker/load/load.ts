import type { IntervalHistogram } from 'node:perf_hooks';
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
  // At the start of the process; to ask for the time would load Node's perf_hooks, a millisecond of the boot.
  let [at, cpu, count] = [0, 0, 0];
  let told = '';
  const look = () => {
    const now = performance.now();
    const used = cpuTime();
    const share = (used - cpu) / (now - at);
    const load: LoadReport = {
      type: 'load',
      rss: Math.round(process.memoryUsage.rss() / memoryStep) * memoryStep,
      cpu: round(share, 100),
      delay: Math.round(Math.max(delay.take(share >= atWork), at > 0 ? now - at - interval : 0)),
      rate: Math.round(((answers.count - count) * 1000) / (now - at)),
      answers: answers.byClass,
      latency: { count: answers.count, sum: round(answers.sum, 1e6), buckets: answers.buckets },
    };
    [at, cpu, count] = [now, used, answers.count];
    const line = JSON.stringify(load);
    if (line === told) return;
    told = line;
    report(load);
  };
  setInterval(look, interval).unref();
}

/** By how much the event loop is late, as long as the worker is at work. */
class LoopDelay {
  #histogram: IntervalHistogram | null = null;

  /** Milliseconds, at the 99th percentile since the last call; goes on looking when the worker is at work. */
  take(isAtWork: boolean): number {
    const histogram = this.#histogram;
    if (isAtWork) {
      this.#histogram ??= newHistogram();
      this.#histogram.enable();
    } else histogram?.disable();
    if (!histogram || histogram.count === 0) return 0;
    // What it records is the time between two looks.
    const delay = histogram.percentile(99) / 1e6 - resolution;
    histogram.reset();
    return delay;
  }
}

function newHistogram(): IntervalHistogram {
  return process.getBuiltinModule('node:perf_hooks').monitorEventLoopDelay({ resolution });
}

/** Milliseconds of CPU since the start of the process. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const round = (number: number, parts: number): number => Math.round(number * parts) / parts;
