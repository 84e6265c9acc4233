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

const shown: Record<string, (answer: string) => void> = {
  '/status': (answer) => expect(JSON.parse(answer)).toMatchObject({ count: { online: 1 }, waitingFor: null }),
  '/deploy': (answer) => {
    const events = answer
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'SpawnNew' });
    expect(events.at(-1)).toMatchObject({ result: { count: { online: 2 }, waitingFor: null } });
  },
  '/deploy/abort': (answer) =>
    expect(JSON.parse(answer)).toMatchObject({ type: 'urn:naught:no-deploy-in-progress', status: 409 }),
  '/rpc': (answer) => expect(JSON.parse(answer)).toMatchObject({ id: 1, result: { count: { online: 2 } } }),
};

describe('the README', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = new Naught();
    naught.env = { PORT: String(await freePort()) };
    const { code } = await naught.run(['start', join(root, 'examples/express/server.js')]);
    expect(code).toBe(0);
    return () => naught[Symbol.asyncDispose]();
  });

  it('shows status, a streamed deploy, an abort, a JSON-RPC call and a followed status with curl', () => {
    expect(lines.map((line) => /localhost(\S+)/.exec(line)?.[1])).toEqual([
      '/status',
      '/deploy',
      '/deploy/abort',
      '/rpc',
      '/status',
    ]);
  });

  it.each(lines.slice(0, 4))('%s', async (line) => {
    const answer = await curl(line, naught.dir);
    shown[/localhost(\S+)/.exec(line)?.[1] ?? '']?.(answer);
  });

  it.each(lines.slice(4))('%s', async (line) => {
    const answer = await curl(line, naught.dir);
    expect(JSON.parse(answer)).toMatchObject({ result: { release: 2 } });
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
