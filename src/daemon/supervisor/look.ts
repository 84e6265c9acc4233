import { shortened } from '../../protocol/text.ts';
import type { Look } from './machine/health-check.ts';

/** What a worker has answered to the question for its health, for people. */
export function lookText({ path, failures, status, body, error }: Look): string {
  const answer = status === undefined ? (error ?? 'no answer yet') : `status ${status}`;
  const times = failures > 1 ? `, ${failures} times in a row` : '';
  return `GET ${path}: ${answer}${times}${body ? `: ${shortened(body)}` : ''}`;
}
