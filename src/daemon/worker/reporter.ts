import { writeSync } from 'node:fs';
import { reportFd, type WorkerReport } from '../worker-link.ts';

/** Tells the supervisor. Synchronous, because the worker may be about to exit; never throws, because nobody may be listening any more. */
export function report(line: WorkerReport): void {
  try {
    writeSync(reportFd, `${JSON.stringify(line)}\n`);
  } catch {
    // EPIPE: the supervisor is gone. EAGAIN: it has not read for a long time.
  }
}
