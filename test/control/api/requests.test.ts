import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Api, status } from './support.ts';

const _ndjson = 'application/x-ndjson';

describe('a client that ends its side', () => {
  it('is still answered to the end', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    const answer = api.send('POST /deploy HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
    await api.follow('GET', '/status').next();
    deploy.end();
    expect(await answer).toMatch(/^HTTP\/1.1 200 OK[\s\S]*"event":"SpawnNew"[\s\S]*\{"result":/);
  });

  it('and is gone ends its following, though nothing is written to it', async () => {
    const client = new EventEmitter();
    const gone = once(client, 'gone');
    await using api = await Api.listen({
      reopen: async () => [],
      async *read(_params, signal) {
        signal.addEventListener('abort', () => client.emit('gone'));
        yield { event: 'Live' };
        await gone;
        throw signal.reason;
      },
    });
    const lines = api.follow('GET', '/logs?follow=true');
    await lines.next();
    await lines.return(undefined);
    await gone;
  });
});

describe('any other request', () => {
  it('to a route that takes another verb is a 405 that names it', async () => {
    await using api = await Api.listen();
    const answer = await api.get('/deploy');
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('POST');
    expect(answer.json()).toMatchObject({ type: 'urn:naught:method-not-allowed' });
  });

  it('to no route is a 404', async () => {
    await using api = await Api.listen();
    const answer = await api.get('/deplyo');
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ detail: 'no such route: GET /deplyo' });
  });

  it('that asks for the header of a GET alone has that', async () => {
    await using api = await Api.listen();
    for (const path of ['/status', '/logs?lines=0', '/openapi.json']) {
      const [head, get] = [await api.request('HEAD', path), await api.request('GET', path)];
      expect([head.status, head.headers['content-type'], head.text]).toEqual([200, get.headers['content-type'], '']);
    }
    expect((await api.request('POST', '/status')).headers.allow).toBe('GET, HEAD');
  });

  it.each([
    [
      'whose path is none',
      'GET /%zz HTTP/1.1\r\nHost: x',
      400,
      'invalid-request',
      "'/%zz' is not a valid url component",
    ],
    ['that is no HTTP', 'hello', 400, 'invalid-request', /^not a request in HTTP\/1.1: /],
    ['that is cut', 'POST /deploy HTTP/1.1\r\nHost: x\r\nContent-Length: 5', 400, 'invalid-request', /^not a request/],
    ['without a Host', 'GET /status HTTP/1.1', 400, 'invalid-request', 'the request has no Host'],
    ['of an endless header', `GET /status HTTP/1.1\r\nX: ${'x'.repeat(16384)}`, 431, 'header-too-large', /16384 bytes/],
  ])('%s is a problem', async (_which, text, status, kind, detail) => {
    await using api = await Api.listen();
    const [header = '', body = ''] = (await api.send(`${text}\r\n\r\n`)).split('\r\n\r\n');
    expect(header).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(header).toMatch(/^content-type: application\/problem\+json/im);
    const matching = typeof detail === 'string' ? detail : expect.stringMatching(detail);
    expect(JSON.parse(body)).toMatchObject({ type: `urn:naught:${kind}`, status, detail: matching });
  });

  it('that comes in the midst of an answer ends the connection, and says nothing into that answer', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    const socket = api.connect();
    socket.write('POST /deploy HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.includes('SpawnNew')) socket.write('nonsense\r\n\r\n');
    }
    expect(answer).not.toContain('problem');
    deploy.end();
  });

  it('with an expectation is answered as without', async () => {
    await using api = await Api.listen();
    const answer = await api.request('GET', '/status', { headers: { expect: 'the-unexpected' } });
    expect(answer.json()).toEqual(status);
  });

  it('that accepts neither JSON nor NDJSON is a 406', async () => {
    await using api = await Api.listen();
    const answer = await api.get('/status', 'text/html');
    expect(answer.status).toBe(406);
  });
});
