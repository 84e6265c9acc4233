import { type Method, methods, openapiPath, rpcPath } from '../../../src/protocol/table.ts';
import { bodyFor } from './json.ts';
import type { Random } from './random.ts';

/** What a client does: it writes these bytes, one part after the other, and may then leave without waiting for an answer. */
export interface Attempt {
  /** In short, for who looks for what went wrong. */
  what: string;
  parts: Buffer[];
  then: 'leaves' | 'ends its side' | 'waits';
}

interface Head {
  verb: string;
  target: string;
  version: string;
  headers: string[];
}

const operations = Object.values<Method>(methods).filter(({ answeredBy }) => answeredBy === 'operation');
/** Which verb they take. */
const safePaths = {
  ...Object.fromEntries(
    Object.values<Method>(methods).flatMap(({ path, verb, answeredBy }) =>
      answeredBy === 'operation' ? [] : [[path, verb]],
    ),
  ),
  [rpcPath]: 'POST',
  [openapiPath]: 'GET',
};
const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
const oddVerbs = ['CONNECT', 'PRI', 'get', 'G\u00cbT', '', 'X'.repeat(100), 'M-SEARCH', 'SOURCE'];
const versions = ['HTTP/1.0', 'HTTP/1.1 ', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', 'RTSP/1.0', '', 'HTTP/1.'];
const mediaTypes = [
  '*/*',
  'application/json',
  'application/x-ndjson',
  'text/html',
  'application/*;q=0',
  ';',
  '/',
  ',',
  'a',
  '\u00ff',
];

export function attemptOf(random: Random): Attempt {
  const kind = random.fraction();
  if (kind < 0.08) return pipeline(random);
  if (kind < 0.14) return garbage(random);
  if (kind < 0.4) return operation(random);
  return single(random);
}

/** Whatever is done to the text of a request, none of it begins an operation: here everything is whole but the parameters. */
function operation(random: Random): Attempt {
  const { path } = random.pick(operations);
  const body = Buffer.from(bodyFor(random, path));
  // Without a body, or with one that only a length of 0 makes so, it would be one that fits.
  const sent = body.length === 0 || body.every((byte) => byte === 32 || byte === 10) ? Buffer.from('0') : body;
  const head = headOf(random, 'POST', path);
  head.headers.push(`Content-Length: ${sent.length}`);
  return inParts(random, `POST ${path}, ${sent.length} bytes`, [textOf(head), sent]);
}

function single(random: Random): Attempt {
  const { head, body } = requestOf(random);
  return inParts(random, `${head.verb} ${head.target.slice(0, 80)}, ${body.length} bytes`, [textOf(head), body]);
}

function pipeline(random: Random): Attempt {
  const requests = random.list(random.size(300), () => requestOf(random, true));
  const parts = requests.flatMap(({ head, body }) => [textOf(head), body]);
  return inParts(random, `${requests.length} requests in a row`, parts);
}

function requestOf(random: Random, small = false): { head: Head; body: Buffer } {
  const [path = '', its = ''] = random.pick(Object.entries(safePaths));
  const verb = random.chance(0.7) ? its : random.pick([...verbs, random.pick(oddVerbs)]);
  const head = headOf(random, verb, random.chance(0.6) ? path : targetOf(random, path));
  const withBody = random.chance(verb === 'POST' ? 0.95 : 0.2);
  const body = Buffer.from(withBody && !small ? bodyFor(random, path) : '');
  const { lines, framed } = random.chance(0.8) ? exactly(body) : oddly(random, body);
  head.headers.push(...lines);
  return { head, body: framed };
}

function headOf(random: Random, verb: string, target: string): Head {
  const headers = random.chance(0.95) ? ['Host: x'] : [];
  if (random.chance(0.7)) headers.push('Connection: close');
  if (random.chance(0.5)) headers.push(`Accept: ${acceptOf(random)}`);
  if (random.chance(0.5))
    headers.push(`Content-Type: ${random.pick([...mediaTypes, 'application/json; charset=x', 'multipart/form-data'])}`);
  if (random.chance(0.15)) headers.push(random.pick([upgrade, expectation, many, long, broken, coding])(random));
  return { verb, target, version: random.chance(0.95) ? 'HTTP/1.1' : random.pick(versions), headers };
}

const acceptOf = (random: Random): string =>
  random.chance(0.7)
    ? random.pick(['application/json', 'application/x-ndjson', '*/*'])
    : random.list(random.size(800), () => random.pick(mediaTypes)).join(', ');

const upgrade = (random: Random): string =>
  `Upgrade: ${random.pick(['websocket', 'h2c', 'TLS/1.2', ''])}\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x`;
const expectation = (random: Random): string => `Expect: ${random.pick(['100-continue', '417', '', 'a, b'])}`;
const many = (random: Random): string => random.list(random.size(3_000), () => `a${random.below(99)}: b`).join('\r\n');
const long = (random: Random): string => `a: ${'b'.repeat(random.size(30_000))}`;
const coding = (random: Random): string => `Content-Encoding: ${random.pick(['gzip', 'br', 'x', ''])}`;
const broken = (random: Random): string =>
  random.pick([
    'no colon',
    ': no name',
    'a b: c',
    'a: \u0000',
    ' folded: x',
    'a: b\r\n folded',
    'é: x',
    'Host: y',
    'Cookie: =;;=;',
  ]);

function targetOf(random: Random, path: string): string {
  const odd = random.pick([
    '%',
    '%zz',
    '%00',
    '%ff',
    '..',
    '//',
    'é',
    '\u0000',
    ' ',
    '#',
    '*',
    '\u0001',
    '?',
    '&&==',
    '[]',
    '__proto__',
  ]);
  return random.pick([
    () => `${path}?${query(random)}`,
    () => `${path}/${odd}`,
    () => `${odd}${path}`,
    () => `http://x${path}`,
    () => path.toUpperCase(),
    () => `/${'a/'.repeat(random.size(8_000))}`,
    () => `${path}?${'a=1&'.repeat(random.size(4_000))}`,
    () => `/${String.fromCodePoint(random.below(0xd7ff))}`,
    () => '',
  ])();
}

const queryNames = ['lines', 'worker', 'stream', 'follow', 'x', '__proto__', '', 'lines[]', '%'];
const queryValues = [
  '1',
  '-1',
  '1e9',
  'all',
  'true',
  'false',
  'stdout',
  'daemon',
  '',
  '%00',
  '%zz',
  '0x1',
  '1'.repeat(400),
  'null',
];
const query = (random: Random): string =>
  random.list(random.below(5), () => `${random.pick(queryNames)}=${random.pick(queryValues)}`).join('&');

const exactly = (body: Buffer) => ({ lines: body.length > 0 ? [`Content-Length: ${body.length}`] : [], framed: body });

/** Its length is told wrongly, twice, in pieces, or not at all. */
function oddly(random: Random, body: Buffer): { lines: string[]; framed: Buffer } {
  const chunked = 'Transfer-Encoding: chunked';
  return random.pick([
    () => ({ lines: [chunked], framed: inChunks(random, body) }),
    () => ({ lines: [chunked], framed: inChunks(random, body).subarray(0, -random.below(8) - 1) }),
    () => ({ lines: [chunked, `Content-Length: ${body.length}`], framed: inChunks(random, body) }),
    () => ({
      lines: [chunked],
      framed: Buffer.from(`${random.pick(['-1', 'zz', 'f'.repeat(40), '', '1'])}\r\nabc\r\n`),
    }),
    () => ({
      lines: [`Transfer-Encoding: ${random.pick(['gzip', 'gzip, chunked', 'chunked, chunked', 'x', ''])}`],
      framed: body,
    }),
    () => ({
      lines: [`Content-Length: ${random.pick(['-1', '1e3', '0x10', '', '1, 1', '9'.repeat(30)])}`],
      framed: body,
    }),
    () => ({ lines: [`Content-Length: ${body.length + 1 + random.below(9)}`], framed: body }),
    () => ({ lines: [`Content-Length: ${body.length}`, 'Content-Length: 3'], framed: body }),
    () => ({ lines: [], framed: body }),
  ])();
}

function inChunks(random: Random, body: Buffer): Buffer {
  const size = Math.max(1, Math.ceil(body.length / (1 + random.below(20))));
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size);
    const extension = random.chance(0.1) ? `;${'x'.repeat(random.size(500))}` : '';
    chunks.push(Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`), chunk, Buffer.from('\r\n'));
  }
  const trailer = random.chance(0.2) ? `a: ${'b'.repeat(random.size(20_000))}\r\n` : '';
  return Buffer.concat([...chunks, Buffer.from(`0\r\n${trailer}\r\n`)]);
}

/** No HTTP: another protocol's greeting, or bytes of no meaning. */
function garbage(random: Random): Attempt {
  const bytes = random.pick([
    () => Buffer.from(random.list(random.size(70_000), () => random.below(256))),
    () => Buffer.from('\r\n'.repeat(random.size(50_000))),
    () => Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    () => Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]),
    () => Buffer.from('GET /status\r\n\r\n'),
    () => Buffer.from('x'.repeat(random.size(100_000))),
  ])();
  return inParts(random, `${bytes.length} bytes that are no HTTP`, [bytes]);
}

function textOf({ verb, target, version, headers }: Head): Buffer {
  return Buffer.from(`${verb} ${target} ${version}\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`);
}

/** In one write, or in several; or only the first part of it all, after which the client leaves. */
function inParts(random: Random, what: string, parts: Buffer[]): Attempt {
  const whole = Buffer.concat(parts);
  const then = random.chance(0.1) ? 'leaves' : random.chance(0.7) ? 'ends its side' : 'waits';
  const end = then === 'leaves' ? random.below(whole.length + 1) : whole.length;
  const size = random.chance(0.7) ? end : Math.max(1, Math.ceil(end / (1 + random.below(10))));
  const written: Buffer[] = [];
  for (let at = 0; at < end; at += size) written.push(whole.subarray(at, Math.min(end, at + size)));
  return { what: `${what}; ${then}`, parts: written, then };
}
