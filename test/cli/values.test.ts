import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import * as values from '../../src/cli/input/values.ts';

const parsers = { ...values };
type Parser = keyof typeof parsers;
const parse = (name: Parser, text: string) => (parsers[name] as (text: string) => unknown)(text);
const cpus = availableParallelism();

test.each<[Parser, string, unknown]>([
  ['parseSwitch', 'true', true],
  ['parseSwitch', 'false', false],
  ['parseWorkerCount', '1', 1],
  ['parseWorkerCount', '1024', 1024],
  ['parseWorkerCount', 'auto', cpus],
  ['parseNewWorkerCount', '0', 0],
  ['parseNewWorkerCount', 'auto', cpus],
  ['parseSize', '10485760', 10_485_760],
  ['parseKeep', 'all', null],
  ['parseKeep', '0', 0],
  ['parseLines', '0', 0],
  ['parseLines', '1000000', 1_000_000],
  ['parseLines', 'all', 'all'],
  ['parseSlot', '0', 0],
  ['parseSeconds', '5', 5],
  ['parseTimeout', 'none', null],
  ['parseTimeout', '0', 0],
  ['parseTimeout', '1.5', 1.5],
  ['parseTimeout', '.5', 0.5],
  ['parseTimeout', '2000000', 2_000_000],
  ['parseLinger', 'auto', null],
  ['parseLinger', '0.25', 0.25],
  ['parseDrainTimeout', 'default', 'default'],
  ['parseDrainTimeout', 'none', null],
  ['parseDrainTimeout', '30', 30],
])('%s reads %j as %j', (name, text, expected) => {
  expect(parse(name, text)).toBe(expected);
});

test.each<[Parser, string[]]>([
  ['parseSwitch', ['yes', '1', '', 'True', 'TRUE ']],
  ['parseWorkerCount', ['0', '-1', '5x', '1.5', '1e3', '', ' 1', '1025', 'AUTO', '0x10', '٣']],
  ['parseNewWorkerCount', ['-1', '5x', 'none', '99999999999999999999']],
  ['parseSize', ['0', '10M', '1.5', '']],
  ['parseKeep', ['-1', 'none', '1.5']],
  ['parseSeconds', ['none', '-1', '1s', 'Infinity', 'NaN', '']],
  ['parseTimeout', ['5x', '-1', '', '.', '1e3', '2000001', 'None', 'auto']],
  ['parseLinger', ['none', '-1']],
  ['parseDrainTimeout', ['auto', '1m']],
])('%s refuses %j', (name, texts) => {
  for (const text of texts) expect(() => parse(name, text)).toThrow(`not \`${text}\``);
});

test('a choice takes its words alone', () => {
  const choice = values.parseOneOf(['rr', 'none']);
  expect(choice('none')).toBe('none');
  expect(() => choice('RR')).toThrow('must be rr or none, not `RR`');
});
