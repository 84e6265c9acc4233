import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CallError } from '../../src/protocol/errors.ts';
import { openapiDocument } from '../../src/protocol/openapi/document.ts';
import { openapi31Document } from '../../src/protocol/openapi/document-3.1.ts';
import { Api } from '../control/api/support.ts';
import { attachStream, openIn, temporaryFolder } from '../control/logs/helpers.ts';
import { Contract } from '../support/contract.ts';

const text = readFileSync('openapi.yaml', 'utf8');
const committed = parse(text);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const committed31 = parse(readFileSync('openapi-3.1.yaml', 'utf8'));
const contract = new Contract(committed);
const fits = contract.fits.bind(contract);

interface Described {
  responses: Record<string, { content: Record<string, { itemSchema: object }> }>;
}

describe('openapi.yaml', () => {
  it('is what the method table says: run npm run openapi when this fails', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(openapiDocument(version))));
    expect(committed31).toEqual(JSON.parse(JSON.stringify(openapi31Document(version))));
  });

  it('has a twin in 3.1 that has a text for each stream, and for its lines what 3.2 has', () => {
    for (const [path, verbs] of Object.entries<Record<string, Described>>(committed.paths)) {
      for (const [verb, { responses }] of Object.entries(verbs)) {
        const content = responses['200']?.content['application/x-ndjson'];
        if (content === undefined) continue;
        const { schema, ...rest } = committed31.paths[path][verb].responses['200'].content['application/x-ndjson'];
        expect(rest).toEqual({ 'x-oai-itemSchema': content.itemSchema });
        expect(schema).toMatchObject({ type: 'string', contentMediaType: 'application/x-ndjson' });
      }
    }
    expect(committed31.components).toEqual(committed.components);
  });

  it('is the document that the API serves', async () => {
    await using api = await Api.listen();
    expect({ ...((await api.get('/openapi.json')).json() as object), info: 0 }).toEqual({ ...committed, info: 0 });
    const served = (await api.get('/openapi-3.1.json')).json() as object;
    expect({ ...served, info: 0 }).toEqual({ ...committed31, info: 0 });
  });

  it('describes the live answers', async () => {
    await using api = await Api.listen();
    expect(fits((await api.get('/status')).json(), '/status', 'get', 200, 'application/json')).toBe(true);
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    deploy.end({ error: new CallError('deploy-failed', 'x', { slot: 0 }).toWire() });
    for (const line of (await api.post('/deploy', {})).lines()) {
      expect(fits(line, '/deploy', 'post', 200, 'application/x-ndjson')).toBe(true);
    }
    const failed = await api.post('/deploy', {}, 'application/json');
    expect(fits(failed.json(), '/deploy', 'post', 500, 'application/problem+json')).toBe(true);
    const refused = await api.post('/deploy', { nonsense: 1 });
    expect(fits(refused.json(), '/deploy', 'post', 400, 'application/problem+json')).toBe(true);
    const logs = await openIn(temporaryFolder());
    await (await attachStream(logs)).finish(Buffer.from('a\n\xff\nrest', 'latin1'));
    await using withLogs = await Api.listen(logs);
    const follow = withLogs.get('/logs?follow=true');
    for (const line of (await withLogs.get('/logs')).lines()) {
      expect(fits(line, '/logs', 'get', 200, 'application/x-ndjson')).toBe(true);
    }
    await logs.close(0);
    for (const line of (await follow).lines())
      expect(fits(line, '/logs', 'get', 200, 'application/x-ndjson')).toBe(true);
    const reopened = await withLogs.post('/logs/reopen', '');
    expect(fits(reopened.json(), '/logs/reopen', 'post', 200, 'application/json')).toBe(true);
    const rpc = await api.post('/rpc', { jsonrpc: '2.0', id: 1, method: 'status' });
    expect(fits(rpc.json(), '/rpc', 'post', 200, 'application/json')).toBe(true);
  });

  it('describes the live refusals of each route', async () => {
    await using api = await Api.listen();
    const tooLarge = 'x'.repeat(17 * 1024 * 1024);
    const header = { 'x-large': 'x'.repeat(20_000) };
    for (const [path, verbs] of Object.entries(committed.paths)) {
      const verb = Object.keys(verbs as object)[0] ?? '';
      const refused = [
        await api.request('DELETE', path),
        await api.request(verb, path, { headers: header }),
        await api.request(verb, path, { headers: { accept: 'text/html' } }),
        ...(verb === 'post' ? [await api.request(verb, path, { body: tooLarge }), await api.post(path, '{')] : []),
      ].filter((answer) => answer.status >= 400);
      for (const answer of refused) {
        expect(fits(answer.json(), path, verb, answer.status, 'application/problem+json')).toBe(true);
      }
      expect(refused.map((answer) => answer.status)).toEqual(expect.arrayContaining([405, 431]));
    }
  });

  it('would notice an answer that it does not describe', () => {
    expect(fits({ count: {} }, '/status', 'get', 200, 'application/json')).toBe(false);
    expect(fits({ event: 5 }, '/deploy', 'post', 200, 'application/x-ndjson')).toBe(false);
  });
});
