import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Attempt } from './requests.ts';

/** An answer may go on for ever (a follower), and a request may be one that never ends: after so many milliseconds of silence the client leaves. */
const quietMs = 150;
const longestMs = 2_000;

/** What came back on a connection. */
export interface Exchange {
  statuses: number[];
  /** Those that say what was wrong, in the form of all refusals. */
  problems: number;
  text: string;
  /** Why it could not be made. */
  trouble: string | null;
}

/** Does what a client does, on a connection of its own, and returns what came back until the other side ended, or fell silent. */
export async function exchange(ipcFile: string, { parts, then }: Attempt): Promise<Exchange> {
  const socket = connect({ path: ipcFile, allowHalfOpen: true });
  let text = '';
  let trouble: string | null = null;
  let quiet: NodeJS.Timeout | undefined;
  const leave = () => void socket.destroy();
  const listen = () => {
    clearTimeout(quiet);
    quiet = setTimeout(leave, quietMs);
  };
  const late = setTimeout(leave, longestMs);
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
    listen();
  });
  // Who is refused in the midst of a long body is cut off.
  socket.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code !== 'ECONNRESET' && code !== 'EPIPE') trouble = message;
  });
  const closed = new Promise((done) => socket.once('end', leave).once('close', done));
  for (const part of parts) {
    socket.write(part);
    if (parts.length > 1) await setImmediate();
  }
  if (then === 'leaves') leave();
  else if (then === 'ends its side') socket.end();
  listen();
  await closed;
  clearTimeout(quiet);
  clearTimeout(late);
  return { ...read(text), text, trouble };
}

/** No request has such a line in it that an answer could repeat. */
function read(text: string): Pick<Exchange, 'statuses' | 'problems'> {
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) [A-Z]/g)].map(([, status]) => Number(status));
  return { statuses, problems: text.match(/content-type: application\/problem\+json/gi)?.length ?? 0 };
}
