import { longestBatch, longestDeployBody, mostValues } from '../../../src/protocol/limits.ts';
import { shapes } from '../../../src/protocol/shapes.ts';
import { type Method, type MethodName, methods } from '../../../src/protocol/table.ts';
import type { Random } from './random.ts';

/** Bodies: what fits, what nearly does, and what is no JSON at all. */

const names = Object.keys(methods) as MethodName[];
const fields = names.flatMap((name) => Object.keys(propertiesOf(name)));
const oddNames = [
  '__proto__',
  'constructor',
  'toString',
  'length',
  '',
  '\u0000',
  '0',
  '-1',
  'ID',
  'é',
  '\ud800',
  'a.b',
  'a/b~1',
];
const oddTexts = [
  '',
  ' ',
  '\u0000',
  'null',
  'all',
  '/nowhere',
  '../..',
  '\ud83d',
  '👩‍👩‍👧',
  '\u202e',
  '%s%n',
  '$1',
  '\u001b[2K',
  'e\u0301',
  '\u2028',
];
const oddNumbers = [0, -0, -1, 1, 0.1, 2 ** 31, 2 ** 53 + 2, -(2 ** 63), 1e308, 5e-324, 1024, 1025, 1_000_001];

/** A name that no method has: with it, a request that would begin an operation never does. */
const misfit = 'no such parameter';

/** The text of a body. `path`: where it is sent. Nothing that would stop the server, or deploy it, is among them. */
export function bodyFor(random: Random, path: string): string {
  const text = random.chance(0.6) ? JSON.stringify(sensible(random, path)) : rough(random);
  if (random.chance(0.85)) return text;
  // What is cut off is no JSON any more, or a part of what it was, as harmless as it.
  return random.pick([
    () => text.slice(0, random.below(text.length)),
    () => `${text}${random.pick(['}', ']', ',', text, '\u0000', '//'])}`,
    () => `\ufeff${text}`,
    () => text.replaceAll('"', "'"),
  ])();
}

function sensible(random: Random, path: string): unknown {
  if (path.startsWith('/rpc')) return rpc(random);
  const name = names.find((each) => methods[each].path === path);
  return name ? params(random, name) : value(random);
}

function rpc(random: Random): unknown {
  if (random.chance(0.7)) return call(random);
  return random.list(random.size(longestBatch + 10), () => (random.chance(0.9) ? call(random) : value(random)));
}

function call(random: Random): unknown {
  const name = random.pick(names);
  const request: Record<string, unknown> = { jsonrpc: '2.0', method: name, params: params(random, name) };
  if (random.chance(0.8)) request.id = random.pick([1, 'a', null, value(random)]);
  if (random.chance(0.1)) request.jsonrpc = value(random);
  if (random.chance(0.1)) request.method = random.pick([...oddNames, text(random), value(random)]);
  if (random.chance(0.1)) request[random.pick(oddNames)] = value(random);
  return request;
}

function params(random: Random, name: MethodName): unknown {
  const operates = (methods[name] as Method).answeredBy === 'operation';
  const own = Object.keys(propertiesOf(name));
  const given = random.list(random.below(4), () => [
    random.pick([...own, ...(random.chance(0.2) ? [...fields, ...oddNames] : own), ...(own.length > 0 ? [] : ['x'])]),
    // A reader that follows the logs goes on until it leaves.
    random.chance(0.5) ? random.pick([true, false, 0, 1, 'all', 'stdout', 'daemon', null]) : value(random),
  ]);
  if (!operates) return random.chance(0.05) ? value(random) : Object.fromEntries(given);
  return random.pick([
    () => ({ ...Object.fromEntries(given), [misfit]: value(random) }),
    () => ({ ...environment(random), [misfit]: 1 }),
    () => random.list(1 + random.below(3), () => value(random)),
    () => text(random),
  ])();
}

function environment(random: Random): object {
  const count = random.size(mostValues / 2);
  const variable = random.pick(['x', '', 'x'.repeat(random.size(300)), 1, null, [], '\u0000']);
  const name = random.pick(['k', '=', 'é', '\u0000', '__proto__']);
  return { environment: Object.fromEntries(random.list(count, () => [`${name}${random.below(1e9)}`, variable])) };
}

/** Any value of JSON, now and then a deep or a wide one. */
function value(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 4 ? 4 : 7);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind === 1) return random.pick(oddNumbers);
  if (kind < 4) return random.pick([() => random.pick(oddTexts), () => text(random)])();
  if (kind === 4) return random.list(random.below(5), () => value(random, depth + 1));
  return Object.fromEntries(
    random.list(random.below(5), () => [random.pick([...oddNames, ...fields]), value(random, depth + 1)]),
  );
}

function text(random: Random): string {
  return random.pick(['x', 'é', '"', '\\', '\u0001', '👍', '\ud800', ' ', '\n']).repeat(random.size(100_000));
}

/** What costs: long, deep, wide, escaped. Up to the longest that a body may be, and a little more. */
function rough(random: Random): string {
  const length = random.size(longestDeployBody * 1.1);
  const few = random.size(mostValues * 1.2);
  return random.pick([
    () => '['.repeat(length),
    () => '{"a":'.repeat(Math.ceil(length / 5)),
    () => `${'['.repeat(few)}${']'.repeat(few)}`,
    () => `${'{"a":'.repeat(few)}1${'}'.repeat(few)}`,
    () => `[${'1,'.repeat(few)}1]`,
    () => `[${'{},'.repeat(few)}{}]`,
    () => `{${random.list(few, () => `"${random.below(1e9).toString(36)}":0`).join(',')}}`,
    () => `"${random.pick(['x', '\\u0041', '\\n', 'é', '\\ud800', '\\"'])}`.padEnd(length, 'x'),
    () => `"${random.pick(['x', '\\u0041', '\\n', 'é']).repeat(Math.ceil(length / 6))}"`,
    () => random.pick(['1', '-', '0', '1e', '1.']) + '9'.repeat(length),
    () => random.pick(['1e999', '-1e-999', 'NaN', 'Infinity', 'undefined', 'nul', 'tru', '01', '.5', '+1']),
    () => random.pick([' ', '\n', '\t', '\u0000', '\u00a0', ',', ':', '"', '\\']).repeat(length),
  ])();
}

function propertiesOf(name: MethodName): Record<string, unknown> {
  return (shapes[methods[name].params] as { properties?: Record<string, unknown> }).properties ?? {};
}
