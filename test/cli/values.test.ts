import { expect, test } from 'vitest';
import * as kinds from '../../src/cli/input/values.ts';
import { usableCpus } from '../../src/protocol/usable-cpus.ts';

type Name =
  | 'onOff'
  | 'workerCount'
  | 'newWorkerCount'
  | 'size'
  | 'keep'
  | 'lines'
  | 'slot'
  | 'spread'
  | 'timeout'
  | 'linger'
  | 'onlineOn'
  | 'drainTimeout';
const byName = { ...kinds };
const read = (name: Name, text: string): unknown => byName[name].read(text);
const cpus = usableCpus();

test.each<[Name, string, unknown]>([
  ['onOff', 'true', true],
  ['onOff', 'false', false],
  ['workerCount', '1', 1],
  ['workerCount', '1024', 1024],
  ['workerCount', 'auto', cpus],
  ['newWorkerCount', '0', 0],
  ['newWorkerCount', 'auto', 'auto'],
  ['size', '10485760', 10_485_760],
  ['keep', 'all', null],
  ['keep', '0', 0],
  ['lines', '0', 0],
  ['lines', '1000000', 1_000_000],
  ['lines', 'all', 'all'],
  ['slot', '0', 0],
  ['spread', '5', 5],
  ['timeout', 'none', null],
  ['timeout', '0', 0],
  ['timeout', '1.5', 1.5],
  ['timeout', '.5', 0.5],
  ['timeout', '2000000', 2_000_000],
  ['linger', 'auto', null],
  ['linger', '0.25', 0.25],
  ['onlineOn', 'auto', 'auto'],
  ['onlineOn', 'listening:8080', 'listening:8080'],
  ['onlineOn', 'listening:run/app.sock', 'listening:run/app.sock'],
  ['drainTimeout', 'default', 'default'],
  ['drainTimeout', 'none', null],
  ['drainTimeout', '30', 30],
])('%s reads %j as %j', (name, text, expected) => {
  expect(read(name, text)).toBe(expected);
});

test.each<[Name, string[]]>([
  ['onOff', ['yes', '1', '', 'True', 'TRUE ']],
  ['workerCount', ['0', '-1', '5x', '1.5', '1e3', '', ' 1', '1025', 'AUTO', '0x10', '٣']],
  ['newWorkerCount', ['-1', '5x', 'none', '99999999999999999999']],
  ['size', ['0', '10M', '1.5', '']],
  ['keep', ['-1', 'none', '1.5']],
  ['spread', ['none', '-1', '1s', 'Infinity', 'NaN', '']],
  ['timeout', ['5x', '-1', '', '.', '1e3', '2000001', 'None', 'auto']],
  ['linger', ['none', '-1']],
  ['drainTimeout', ['auto', '1m']],
])('%s refuses %j', (name, texts) => {
  for (const text of texts) expect(() => read(name, text)).toThrow(`not \`${text}\``);
});

test('a choice takes its words alone', () => {
  const choice = kinds.oneOf('rr', 'none');
  expect(choice.read('none')).toBe('none');
  expect(() => choice.read('RR')).toThrow('must be rr or none, not `RR`');
});
