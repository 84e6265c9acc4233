import type { Socket } from 'node:net';
import { TextLines } from '../../../protocol/lines.ts';
import type { WorkerReport } from '../../worker-link.ts';

/** A report line is short; a worker that writes more than this without a newline is not our preload. */
const longestLine = 64 * 1024;

/**
 * Reads the preload's reports; resolves when there are no more. What is no report is ignored: the other end is a user's process.
 */
export async function readReports(socket: Socket | null, onReport: (report: WorkerReport) => void): Promise<void> {
  if (!socket) return;
  const lines = new TextLines(longestLine);
  socket.setEncoding('utf8');
  socket.on('error', () => {});
  socket.on('data', (text: string) => {
    for (const line of lines.push(text)) {
      const report = parse(line);
      if (report) onReport(report);
    }
  });
  await new Promise((closed) => socket.once('close', closed));
}

function parse(line: string): WorkerReport | null {
  try {
    const report = JSON.parse(line);
    return typeof report?.type === 'string' ? report : null;
  } catch {
    return null;
  }
}
