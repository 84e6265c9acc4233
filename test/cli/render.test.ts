import { expect, test } from 'vitest';
import { prose } from '../../src/cli/command.ts';
import { eventText, statusText, waitingText } from '../../src/cli/output/render.ts';
import type { Outcome } from '../../src/protocol/schemas.ts';
import { counts, event } from './support/control.ts';

test('an event is the line of naught 1.x', () => {
  expect(eventText(event('SpawnNew', counts(1, 2, 3, 4)))).toBe(
    'SpawnNew. booting: 1, online: 2, dying: 3, new_online: 4',
  );
});

test('a note is for terminals alone', () => {
  const noted = { ...event('Timeout', counts()), note: 'after 5 s' };
  expect(eventText(noted)).not.toContain('after 5 s');
  expect(eventText(noted, true)).toMatch(/new_online: 0 \(after 5 s\)$/);
});

test('a Status is there for its note, which is shown everywhere', () => {
  expect(eventText({ ...event('Status', counts()), note: 'say online' })).toMatch(/^Status\. .* \(say online\)$/);
});

test('a slot that waits is told with its crashes and the time', () => {
  const waiting = { slot: 3, state: 'waiting', release: 1, crashes: 4, restarts: 3, restartIn: 0.8 } as const;
  expect(
    waitingText({ workers: [{ slot: 0, state: 'online', release: 1, crashes: 0, restarts: 0 }, waiting] }),
  ).toEqual(['worker 3 has crashed 4 times in a row: started again in 0.8 s']);
});

const line = 'booting: 1, online: 2, dying: 0, new_online: 0';
test.each<[string, Partial<Outcome>, string]>([
  ['counts the workers online', { count: counts(0, 2) }, 'workers online: 2'],
  ['boots while there is no release', { release: 0 }, `booting\n${line}`],
  ['boots while a worker is replaced', {}, `booting\n${line}`],
  ['deploys while new workers boot', { waitingFor: 'new' }, `deploy in progress\n${line}`],
  ['deploys while old workers leave', { waitingFor: 'old' }, `deploy in progress\n${line}`],
  ['boots while the first deploy has not ended', { waitingFor: 'new', release: 0 }, `booting\n${line}`],
  ['shuts down, whatever else', { waitingFor: 'shutdown', release: 0 }, `shutting down\n${line}`],
])('status %s', (_title, over, expected) => {
  expect(statusText({ count: counts(1, 2), waitingFor: null, release: 1, pid: 1, ...over })).toBe(expected);
});

test('prose joins the lines of a paragraph and keeps the paragraphs', () => {
  expect(prose('\na\nb\n\nc\n')).toBe('a b\n\nc');
});
