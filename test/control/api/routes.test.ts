import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/protocol/errors.ts';
import { Api, outcome, status } from './support.ts';

const ndjson = 'application/x-ndjson';

describe('GET /status', () => {
  it('answers with the workers, as JSON unless the client asks for a stream', async () => {
    await using api = await Api.listen();
    for (const accept of [undefined, '*/*', 'application/json', 'text/html, */*;q=0.1']) {
      const answer = await api.get('/status', accept);
      expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
      expect(answer.json()).toEqual(status);
    }
  });

  it('follows the operation in progress from its first event', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    const lines = api.follow('GET', '/status');
    expect((await lines.next()).value).toMatchObject({ event: 'SpawnNew' });
    deploy.emit('NewOnline');
    expect((await lines.next()).value).toMatchObject({ event: 'NewOnline' });
    deploy.end();
    expect((await lines.next()).value).toEqual({ result: status });
  });

  it('with nothing in progress streams the workers alone', async () => {
    await using api = await Api.listen();
    const answer = await api.get('/status', ndjson);
    expect(answer.headers['content-type']).toBe(ndjson);
    expect(answer.lines()).toEqual([{ result: status }]);
  });

  it('takes no parameters', async () => {
    await using api = await Api.listen();
    const answer = await api.get('/status?verbose=1');
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ type: 'urn:naught:invalid-params', detail: 'verbose is not known' });
  });
});

describe('POST /deploy', () => {
  it('streams the progress, then the result', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    deploy.end();
    const answer = await api.post('/deploy', { workerCount: 2, environment: { A: '1' } });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(ndjson);
    expect(answer.lines()).toMatchObject([{ event: 'SpawnNew', worker: { slot: 0, pid: 4711 } }, { result: outcome }]);
    expect(api.calls).toEqual([{ method: 'deploy', params: { workerCount: 2, environment: { A: '1' } } }]);
  });

  it('begins to answer before anything happens, so that its client knows that somebody is there', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    const client = api.connect();
    client.write('POST /deploy HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n');
    const [head] = await once(client, 'data');
    expect(head).toMatch(/^HTTP\/1\.1 200 [\s\S]*content-type: application\/x-ndjson\r\n[\s\S]*\r\n\r\n$/);
    deploy.end();
    const [body] = await once(client, 'data');
    expect(body).toContain('{"result":');
    client.destroy();
  });

  it('waits and answers with the result alone when JSON is asked for', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    deploy.end();
    const answer = await api.post('/deploy', '', 'application/json');
    expect(answer.json()).toEqual(outcome);
  });

  it('ends its stream with the error when it fails', async () => {
    await using api = await Api.listen();
    const error = new CallError('deploy-failed', 'worker 0 exited', { slot: 0, exitCode: 1, stderr: ['boo'] }).toWire();
    const deploy = api.begin();
    deploy.emit('NewDeath');
    deploy.end({ error });
    const answer = await api.post('/deploy', {});
    expect(answer.status).toBe(200);
    expect(answer.lines().at(-1)).toEqual({ error });
  });

  it('is a problem with its status when it fails and JSON is asked for', async () => {
    await using api = await Api.listen();
    const error = new CallError('deploy-failed', 'worker 0 exited').toWire();
    api.begin().end({ error });
    const answer = await api.post('/deploy', {}, 'application/json');
    expect(answer.status).toBe(500);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/);
    expect(answer.json()).toEqual({
      type: 'urn:naught:deploy-failed',
      title: 'The deploy failed',
      status: 500,
      detail: 'worker 0 exited',
      error,
    });
  });

  it.each(['deploy-in-progress', 'shutting-down', 'still-booting'] as const)(
    'refused (%s) is a problem',
    async (kind) => {
      await using api = await Api.listen();
      api.refuse(kind);
      const answer = await api.post('/deploy', {});
      expect(answer.status).toBe(409);
      expect(answer.json()).toMatchObject({ type: `urn:naught:${kind}` });
    },
  );

  it.each([
    ['{"workerCount":', 'parse-error', /not JSON/],
    ['{"workrCount":2}', 'invalid-params', /workrCount is not known/],
    ['{"workerCount":"2"}', 'invalid-params', /workerCount must be a whole number/],
    ['[]', 'invalid-params', /must be an object/],
    ['null', 'invalid-params', /must be an object/],
    ['"x"', 'invalid-params', /must be an object/],
    ['{"__proto__":1}', 'invalid-params', /__proto__ is not known/],
  ])('refuses the body %s', async (body, kind, detail) => {
    await using api = await Api.listen();
    const answer = await api.post('/deploy', body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    expect(answer.json()).toMatchObject({ type: `urn:naught:${kind}`, detail: expect.stringMatching(detail) });
    expect(api.calls).toEqual([]);
  });

  it('refuses a body that is too large', async () => {
    await using api = await Api.listen();
    const answer = await api.post('/deploy', { environment: { A: 'x'.repeat(17 * 1024 * 1024) } });
    expect(answer.status).toBe(413);
    expect(answer.json()).toMatchObject({ type: 'urn:naught:payload-too-large' });
  });

  it('goes on when its client leaves', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    const leaving = api.follow('POST', '/deploy');
    await leaving.next();
    await leaving.return(undefined);
    const other = api.follow('GET', '/status');
    await other.next();
    deploy.emit('NewOnline');
    expect((await other.next()).value).toMatchObject({ event: 'NewOnline' });
    deploy.end();
    expect((await other.next()).value).toEqual({ result: status });
  });
});

describe('POST /deploy/abort', () => {
  it('follows the deploy to its end, which is its success', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('DestroyNew');
    deploy.end({ error: new CallError('deploy-aborted').toWire() });
    const answer = await api.post('/deploy/abort', '');
    expect(answer.lines().at(-1)).toEqual({ result: outcome });
  });

  it('is refused when there is nothing to abort', async () => {
    await using api = await Api.listen();
    api.refuse('no-deploy-in-progress');
    const answer = await api.post('/deploy/abort', '');
    expect(answer.status).toBe(409);
  });
});

describe('POST /stop', () => {
  it('says when it joined a stop that had begun', async () => {
    await using api = await Api.listen();
    api.begin('stop', true).end();
    const answer = await api.post('/stop', { timeout: 1.5 });
    expect(answer.headers['naught-joined']).toBe('1');
    expect(api.calls).toEqual([{ method: 'stop', params: { timeout: 1.5 } }]);
  });

  it('is not said to have joined one that it began', async () => {
    await using api = await Api.listen();
    api.begin('stop').end();
    expect((await api.post('/stop', '')).headers['naught-joined']).toBeUndefined();
  });
});
