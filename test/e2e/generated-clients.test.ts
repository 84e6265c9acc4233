import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Naught, root, server } from '../support/naught.ts';

/** Clients that public generators make of openapi-3.1.yaml. */

const document = join(root, 'openapi-3.1.yaml');
const generators = join(root, 'test/generators/node_modules');
const fromThere = createRequire(join(root, 'test/generators/package.json'));

/** A fetch of undici's over the ipc-file that the environment names. */
const transport = String.raw`
import { Agent, fetch as overAgent } from 'undici';

const dispatcher = new Agent({ connect: { socketPath: process.env.IPC_FILE! } });
export const overSocket = (async (request: Request) => {
  const { method, url, headers } = request;
  const body = method === 'POST' ? await request.text() : undefined;
  const plain = { method, headers: Object.fromEntries(headers), dispatcher, ...(body === undefined ? {} : { body }) };
  return overAgent(url, plain as object);
}) as unknown as typeof fetch;

export async function* linesOf<Line>(stream: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  let rest = '';
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + new TextDecoder().decode(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}
`;

const withFetch = `
import createClient from 'openapi-fetch';
import type { components, paths } from './api.d.ts';
import { linesOf, overSocket } from './transport.ts';

const client = createClient<paths>({ baseUrl: 'http://localhost', fetch: overSocket });
const { data: status } = await client.GET('/status', { headers: { accept: 'application/json' } });
if (status === undefined || typeof status === 'string') throw new Error('no status');
const online: number = status.count.online;

const { data: stream } = await client.POST('/deploy', { body: { workerCount: 2 }, parseAs: 'stream' });
let events = 0;
let release: number | undefined;
for await (const line of linesOf<components['schemas']['DeployStreamLine']>(stream!)) {
  if ('event' in line) events += line.count.booting;
  else if ('result' in line) release = line.result.release;
}

const { error } = await client.POST('/deploy/abort', { headers: { accept: 'application/json' } });
const kind: string | undefined = error?.error.data.kind;
// @ts-expect-error: it is typed
await client.POST('/deploy', { body: { workerCount: {} } });
console.log(JSON.stringify({ online, events: events > 0, release, kind }));
process.exit();
`;

const withHeyApi = `
import { client } from './client/client.gen.ts';
import { deploy, deployAbort, status as getStatus } from './client/sdk.gen.ts';
import type { DeployStreamLine } from './client/types.gen.ts';
import { linesOf, overSocket } from './transport.ts';

client.setConfig({ baseUrl: 'http://localhost', fetch: overSocket, headers: { accept: 'application/json' } });
const { data: status } = await getStatus();
if (status === undefined || typeof status === 'string') throw new Error('no status');
const online: number = status.count.online;

const { data: outcome } = await deploy({ body: { workerCount: 2 } });
if (outcome === undefined || typeof outcome === 'string') throw new Error('no outcome');
const release: number = outcome.release;

const streamed = await deploy({ headers: { accept: 'application/x-ndjson' }, parseAs: 'stream' });
let events = 0;
for await (const line of linesOf<DeployStreamLine>(streamed.data as unknown as ReadableStream<Uint8Array>)) {
  if ('event' in line) events += line.count.booting;
}
const { error } = await deployAbort();
const kind: string | undefined = error?.error.data.kind;
// @ts-expect-error: it is typed
await deploy({ body: { workerCount: {} } });
console.log(JSON.stringify({ online, events: events > 0, release, kind }));
process.exit();
`;

it('swagger-parser reads the description', async () => {
  const { default: SwaggerParser } = fromThere('@apidevtools/swagger-parser');
  const api = await SwaggerParser.validate(document);
  expect(Object.keys(api.paths)).toContain('/deploy');
});

describe('a generated client', () => {
  let naught: Naught;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start([server]);
    return () => naught[Symbol.asyncDispose]();
  });

  /** Generates a client, compiles what uses it, and runs that. */
  function run(name: string, generator: string[], program: string): unknown {
    const cwd = dirname(naught.write(`${name}/main.ts`, program));
    naught.write(`${name}/transport.ts`, transport);
    naught.write(`${name}/package.json`, '{"type":"module"}');
    mkdirSync(join(cwd, 'node_modules/@types'), { recursive: true });
    for (const each of ['undici', 'openapi-fetch', 'openapi-typescript-helpers', '@types/node', 'undici-types'])
      symlinkSync(join(root, 'node_modules', each), join(cwd, 'node_modules', each));
    const node = (...args: string[]) => {
      const ran = spawnSync(process.execPath, args, {
        cwd,
        encoding: 'utf8',
        env: { ...process.env, IPC_FILE: naught.path('naught.ipc') },
      });
      if (ran.status !== 0) throw new Error(`${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
      return ran.stdout;
    };
    node(...generator);
    const options = [
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--strict',
      '--skipLibCheck',
      '--types',
      'node',
      '--lib',
      'es2023,dom',
    ];
    const emit = ['--allowImportingTsExtensions', '--rewriteRelativeImportExtensions', '--outDir', 'out'];
    node(join(root, 'node_modules/typescript/bin/tsc'), ...options, ...emit, 'main.ts');
    return JSON.parse(node('out/main.js'));
  }

  it('of openapi-typescript, with openapi-fetch', () => {
    const generator = join(generators, 'openapi-typescript/bin/cli.js');
    expect(run('fetch', [generator, document, '-o', 'api.d.ts'], withFetch)).toEqual({
      online: 1,
      events: true,
      release: 2,
      kind: 'no-deploy-in-progress',
    });
    expect(readFileSync(naught.path('fetch/api.d.ts'), 'utf8')).toContain('DeployStreamLine');
  });

  it('of hey-api', () => {
    const generator = join(generators, '@hey-api/openapi-ts/bin/run.js');
    const options = ['-i', document, '-o', 'client', '-c', '@hey-api/client-fetch', '--no-log-file'];
    expect(run('hey-api', [generator, ...options], withHeyApi)).toEqual({
      online: 2,
      events: true,
      release: 3,
      kind: 'no-deploy-in-progress',
    });
  });
});
