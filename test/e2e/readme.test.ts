import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/port.ts';
import { splitWords } from '../../src/cli/input/node-args.ts';
import { Naught, root } from '../support/naught.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const lines = [...readme.matchAll(/^curl .*$/gm)].map(([line]) => line);
const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** A machine with Node alone has no curl: then its command line is read here, as much of it as the README uses. */
async function curl(line: string, cwd: string): Promise<string> {
  if (hasCurl) return spawnSync(line, { shell: true, cwd, encoding: 'utf8' }).stdout;
  const { values, positionals } = parseArgs({
    args: splitWords(line).slice(1),
    allowPositionals: true,
    options: {
      'unix-socket': { type: 'string' },
      data: { type: 'string', short: 'd' },
      header: { type: 'string', short: 'H', multiple: true },
      'no-buffer': { type: 'boolean', short: 'N' },
    },
  });
  const headers = Object.fromEntries((values.header ?? []).map((header) => header.split(': ')));
  const method = values.data === undefined ? 'GET' : 'POST';
  const socketPath = join(cwd, values['unix-socket'] ?? '');
  return new Promise((resolve, reject) => {
    const sent = request(positionals[0] ?? '', { socketPath, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    sent.on('error', reject).end(values.data);
  });
}

/** The last line of a stream is its result; the others are the events that led to it. */
const streamed = (first: string, result: object) => (answer: string) => {
  const events = answer
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ event: first });
  expect(events.at(-1)).toMatchObject({ result });
};

/** By path, in the order of the page. */
const shown: [path: string, fits: (answer: string) => void][] = [
  ['/status', (answer) => expect(JSON.parse(answer)).toMatchObject({ count: { online: 1 }, waitingFor: null })],
  ['/deploy', streamed('SpawnNew', { count: { online: 2 }, waitingFor: null, release: 2 })],
  [
    '/deploy/abort',
    (answer) => expect(JSON.parse(answer)).toMatchObject({ type: 'urn:naught:no-deploy-in-progress', status: 409 }),
  ],
  [
    '/promote',
    (answer) => expect(JSON.parse(answer)).toMatchObject({ type: 'urn:naught:no-bake-in-progress', status: 409 }),
  ],
  [
    '/deploy/preview',
    (answer) =>
      expect(JSON.parse(answer)).toMatchObject({
        release: 3,
        changes: { environment: { added: [], changed: ['VERSION'], removed: expect.arrayContaining(['PATH']) } },
      }),
  ],
  [
    '/releases',
    (answer) =>
      expect(JSON.parse(answer)).toMatchObject({
        current: 2,
        releases: [
          { release: 2, state: 'serving', environment: { added: ['VERSION'] } },
          { release: 1, state: 'replaced' },
        ],
      }),
  ],
  ['/rollback', streamed('SpawnNew', { count: { online: 1 }, release: 3 })],
  ['/restart', streamed('SpawnNew', { count: { online: 1 }, release: 3 })],
  ['/scale', streamed('SpawnNew', { count: { online: 2 }, release: 3 })],
  ['/rpc', (answer) => expect(JSON.parse(answer)).toMatchObject({ id: 1, result: { count: { online: 2 } } })],
  ['/status', (answer) => expect(JSON.parse(answer)).toMatchObject({ result: { release: 3 } })],
];

describe('the README', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = new Naught();
    naught.env = { PORT: String(await freePort()) };
    const { code } = await naught.run(['start', join(root, 'examples/express/server.js')]);
    expect(code).toBe(0);
    return () => naught[Symbol.asyncDispose]();
  });

  it('shows each of these with curl', () => {
    expect(lines.map((line) => /localhost(\S+)/.exec(line)?.[1])).toEqual(shown.map(([path]) => path));
  });

  it.each(lines.map((line, index) => [line, index] as const))('%s', async (line, index) => {
    shown[index]?.[1](await curl(line, naught.dir));
  });
});

it('and the pages that are published link to nothing that is not', () => {
  const packing = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const files: string[] = JSON.parse(packing.stdout)[0].files.map(({ path }: { path: string }) => path);
  for (const page of files.filter((path) => /^(docs\/)?[^/]*\.md$/.test(path))) {
    const links = readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g);
    for (const [, link = ''] of links) {
      const target = join(dirname(page), link);
      const there = files.some((path) => path === target || path.startsWith(`${target}/`));
      expect([page, link, there]).toEqual([page, link, true]);
    }
  }
});
