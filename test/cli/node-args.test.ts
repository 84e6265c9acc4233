import { expect, test } from 'vitest';
import { splitWords } from '../../src/cli/input/node-args.ts';

test.each<[string, string[]]>([
  ['', []],
  ['   ', []],
  ['--inspect', ['--inspect']],
  [' --a  --b\t--c\n', ['--a', '--b', '--c']],
  [`--title='my server'`, ['--title=my server']],
  [`"a b" 'c d'`, ['a b', 'c d']],
  [`a"b"'c'd`, ['abcd']],
  [`''`, ['']],
  [`a "" b`, ['a', '', 'b']],
  ['a\\ b', ['a b']],
  [`"a\\"b"`, ['a"b']],
  [`"a\\nb"`, ['a\\nb']],
  [`'a\\'`, ['a\\']],
  [`"it's"`, ["it's"]],
  ['--x=$HOME *|;', ['--x=$HOME', '*|;']],
  [`'é 漢'`, ['é 漢']],
])('splits %j as a shell would', (text, expected) => {
  expect(splitWords(text)).toEqual(expected);
});

test.each([
  ["'a", "has an unclosed '"],
  ['--x="a', 'has an unclosed "'],
  ['"a\\"', 'has an unclosed "'],
  ['a\\', 'ends in a backslash'],
])('refuses %j', (text, message) => {
  expect(() => splitWords(text)).toThrow(message);
});
