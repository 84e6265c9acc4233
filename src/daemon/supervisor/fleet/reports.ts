import type { Socket } from 'node:net';
import { TextLines } from '../../../protocol/lines.ts';
import type { WorkerReport } from '../../worker-link.ts';

/** A report line is short; a worker that writes more than this without a newline is not our preload. */
const longestLine = 64 * 1024;

/** Characters after which a pipe is left alone for a while, in milliseconds, in which the workers have the supervisor's time. */
const largeChunk = 8 * 1024;
const pauseMs = 100;
/** How long rubbish is counted before it is told. */
const countMs = 1_000;

/**
 * Reads the preload's reports; resolves when there are no more. The other end is a user's process, which may write anything there:
 * what is no report is ignored, and its lines are counted for `onRubbish`, which is called once.
 */
export async function readReports(
  socket: Socket | null,
  onReport: (report: WorkerReport) => void,
  onRubbish: (lines: number) => void,
): Promise<void> {
  if (!socket) return;
  const lines = new TextLines(longestLine);
  let rubbish = 0;
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    const before = rubbish;
    for (const line of lines.push(text)) {
      const report = parse(line);
      if (report) onReport(report);
      else rubbish += 1;
    }
    if (rubbish > before && before === 0) setTimeout(() => onRubbish(rubbish), countMs);
    if (rubbish > before || text.length > largeChunk) {
      socket.pause();
      setTimeout(() => socket.resume(), pauseMs);
    }
  });
  await new Promise((closed) => socket.once('close', closed));
}

function parse(line: string): WorkerReport | null {
  // To throw costs a hundred times what a look does.
  if (!line.startsWith('{"type":"')) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
