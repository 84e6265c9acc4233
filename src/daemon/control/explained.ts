import type { WireError } from '../../protocol/errors.ts';
import { shortened } from '../../protocol/text.ts';

/** Characters of a line in a message. */
const longestShownLine = 1_000;

/** The error with what the failed worker last said on stderr: in its message as a person sees it, and for programs as it was. */
export function explained(error: WireError, lastLines: string[]): WireError {
  const stderr = trimmed(lastLines);
  const shown = stderr.map((line) => `\n    ${shortened(line.trimEnd(), longestShownLine)}`).join('');
  const message = shown === '' ? error.message : `${error.message}:${shown}`;
  return { ...error, message, data: { ...error.data, detail: { ...(error.data.detail as object), stderr } } };
}

/** Without the blank lines at the end, which Node's report of an exception has. */
function trimmed(lines: string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}
