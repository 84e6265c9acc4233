import { expect, it } from 'vitest';
import { CallError, invalidParams } from '../../src/protocol/errors.ts';
import { mostNamedFaults } from '../../src/protocol/limits.ts';
import { printable, shortened } from '../../src/protocol/text.ts';

it.each([
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['a\rb', 'a\\u000db'],
  ['\u009b2K', '\\u009b2K'],
  ['\u007f', '\\u007f'],
  ['abc\u202edcba', 'abc\\u202edcba'],
  ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
  ['żółw 🐢 \u200d', 'żółw 🐢 \u200d'],
])('%j is shown to a person as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
  expect(printable(shown)).toBe(shown);
});

it('a value in a message is one line, and not longer than is read', () => {
  expect(shortened('a\nb\u001b')).toBe('a\\nb\\u001b');
  expect(shortened('x'.repeat(10), 5)).toBe('xxxxx… (10 characters)');
});

it('no message of a CallError, of this side or of the other, makes a terminal do anything', () => {
  expect(new CallError('internal', '\u001b[2K').message).toBe('\\u001b[2K');
  expect(CallError.fromWire({ message: '\u001b[2K', data: { kind: 'internal' } }).message).toBe('\\u001b[2K');
});

it('of very many faults the first are named, and the others counted', () => {
  const faults = Array.from({ length: mostNamedFaults + 5 }, (_, at) => ({ field: `f${at}`, message: 'is not known' }));
  const { message, detail } = invalidParams(...faults);
  expect(message).toMatch(/^f0 is not known; .*f19 is not known; and 5 more$/);
  expect(detail).toEqual({ fields: faults.slice(0, mostNamedFaults), more: 5 });
});
