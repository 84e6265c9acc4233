import { expect, test } from 'vitest';
import { clockText } from '../../../src/cli/output/label.ts';
import { labelOf } from '../../../src/cli/output/plain-logs.ts';
import type { LogLine } from '../../../src/protocol/log-schemas.ts';

const line: LogLine = { event: 'Line', stream: 'stderr', line: 'x' };
const time = '2026-01-01T12:03:21.123Z';
const clock = clockText(time);

test.each<[Partial<LogLine>, boolean, string]>([
  [{ time, slot: 2 }, true, `${clock} stderr 2 | `],
  [{ time, slot: 2 }, false, `${clock} 2 | `],
  [{}, true, 'stderr | '],
  [{}, false, ''],
])('a line with %j, one of several logs: %s, is labelled %j', (known, several, expected) => {
  expect(labelOf({ ...line, ...known }, { several, color: false })).toBe(expected);
});

test('the label has a colour for each worker, and none is left for the line', () => {
  const labels = [0, 1].map((slot) => labelOf({ ...line, slot }, { several: false, color: true }));
  expect(labels).toEqual(['\u001b[36m0\u001b[0m | ', '\u001b[32m1\u001b[0m | ']);
});
