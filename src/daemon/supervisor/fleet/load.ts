import type { WorkerStatus } from '../../../protocol/status-schemas.ts';
import { type LoadReport, latencyBounds } from '../../worker-link.ts';

/** How busy a worker is, as its status shows it. */
export type Load = Required<
  Pick<WorkerStatus, 'memory' | 'cpu' | 'eventLoopDelay' | 'requestsPerSecond' | 'answers' | 'latency'>
>;

/** null: the numbers are none of our preload's. The other end of the pipe is a user's process. */
export function loadOf({ rss, cpu, delay, rate, answers, latency }: LoadReport): Load | null {
  const { count, sum, buckets } = latency ?? {};
  const numbers = [rss, cpu, delay, rate, count, sum, ...listOf(answers, 5), ...listOf(buckets, latencyBounds.length)];
  if (!numbers.every((number) => Number.isFinite(number) && number >= 0)) return null;
  const [info = 0, success = 0, redirect = 0, clientError = 0, serverError = 0] = answers;
  let below = 0;
  return {
    memory: rss,
    cpu,
    eventLoopDelay: delay,
    requestsPerSecond: rate,
    answers: { '1xx': info, '2xx': success, '3xx': redirect, '4xx': clientError, '5xx': serverError },
    latency: {
      count,
      sum,
      buckets: latencyBounds.map((le, index) => {
        below += buckets[index] ?? 0;
        return { le, count: below };
      }),
    },
  };
}

/** So many of them, or one that is no number. */
function listOf(list: unknown, length: number): number[] {
  return Array.isArray(list) && list.length === length ? list : [Number.NaN];
}
