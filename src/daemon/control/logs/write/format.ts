import { isUtf8 } from 'node:buffer';
import winston from 'winston';
import { piecesIn } from '../../../../protocol/lines.ts';
import type { Event } from '../../../../protocol/schemas.ts';
import { printable } from '../../../../protocol/text.ts';
import type { PipeInfo } from '../../../control-link.ts';
import { pieceSize } from '../read/entry.ts';
import { message } from './transport.ts';

/** Characters of JSON that are in hand at once: lines may take many times what they are. */
const most = 256 * 1024;

export type Level = 'info' | 'warn' | 'error';

const levels: Record<string, Level> = {
  NewDeath: 'warn',
  WorkerDeath: 'warn',
  Timeout: 'warn',
  Undo: 'warn',
  DeployFailed: 'error',
};

export function levelOf(event: Event): Level {
  return levels[event.event] ?? 'info';
}

/** What the daemon's logger is given: an event or a note. */
interface Entry {
  level: Level;
  message: string;
  event?: Event;
  time: string;
}

/** The daemon's log: a line of text or of JSON for each entry. */
export function entryFormat(format: 'plain' | 'json'): winston.Logform.Format {
  const line = format === 'json' ? jsonEntry : plainEntry;
  return winston.format((info) => ({ ...info, [message]: line(info as unknown as Entry) }))();
}

function plainEntry({ time, level, message: text }: Entry): string {
  return `${time} ${level} ${oneLine(text)}`;
}

function jsonEntry({ time, level, message: text, event }: Entry): string {
  return JSON.stringify(event ? { level, ...event, time } : { time, level, note: text });
}

/** `SpawnNew. booting: 1, online: 0, dying: 0, new_online: 0 worker: 0 (pid 4711)`, then how it died, and the note. */
export function eventText({ event, count, worker, note }: Event): string {
  const { booting, online, dying, new_online } = count;
  let text = `${event}. booting: ${booting}, online: ${online}, dying: ${dying}, new_online: ${new_online}`;
  if (worker) {
    text += ` worker: ${worker.slot}`;
    if (worker.pid !== undefined) text += ` (pid ${worker.pid})`;
    if (worker.exitCode !== undefined) text += ` exit code: ${worker.exitCode}`;
    if (worker.signal !== undefined) text += ` signal: ${worker.signal}`;
  }
  return note === undefined ? text : `${text} - ${note}`;
}

/** The line in a log where `bytes` of it are missing. */
export function dropLine(format: 'plain' | 'json', time: string, bytes: number, why: string): string {
  const text = `naught dropped ${bytes} bytes of this log here: ${why}`;
  return format === 'json' ? JSON.stringify({ time, level: 'warn', note: text }) : `${time} warn ${oneLine(text)}`;
}

/**
 * The lines of a worker as JSON lines. `partial`: no newline followed, the rest of the line comes in the next object of this pipe.
 * `base64`: the exact bytes of a line that is not UTF-8.
 */
export function* jsonLines(bytes: Buffer, time: string, { slot, pid, stream }: PipeInfo): Generator<Buffer, void> {
  let text = '';
  for (const { bytes: line, ended } of piecesIn(bytes, pieceSize.plain)) {
    const base64 = isUtf8(line) ? undefined : line.toString('base64');
    const partial = ended ? undefined : true;
    text += `${JSON.stringify({ time, slot, pid, stream, line: line.toString(), base64, partial })}\n`;
    if (text.length < most) continue;
    yield Buffer.from(text);
    text = '';
  }
  if (text !== '') yield Buffer.from(text);
}

function oneLine(text: string): string {
  return printable(text.replaceAll(/\r?\n/g, ' '));
}
