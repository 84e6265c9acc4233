import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  longestBatch,
  longestBatchAnswer,
  longestBody,
  longestDeployBody,
  longestEnvironment,
  longestId,
  mostNamedFaults,
  mostValues,
} from '../../../src/protocol/limits.ts';
import { eventually } from '../../support/eventually.ts';
import { Api, status } from './support.ts';

const call = (id: unknown, method = 'status', params = {}) => ({ jsonrpc: '2.0', id, method, params });

describe('a body', () => {
  it('of a deploy may hold a whole environment, any other a few parameters', async () => {
    await using api = await Api.listen();
    api.begin().end();
    const large = { A: 'x'.repeat(longestEnvironment - 10) };
    expect((await api.post('/deploy', { environment: large })).status).toBe(200);
    expect((await api.post('/rpc', call(1, 'deploy', { environment: large }))).status).toBe(200);
    for (const path of ['/stop', '/deploy/abort', '/logs/reopen', '/nowhere']) {
      const answer = await api.post(path, ' '.repeat(longestBody + 1));
      expect([answer.status, answer.json()]).toMatchObject([413, { detail: 'the body is larger than 65536 bytes' }]);
    }
    for (const path of ['/deploy', '/rpc']) {
      expect((await api.post(path, ' '.repeat(longestDeployBody + 1))).status).toBe(413);
    }
  });

  it('with more values than can be checked while others wait is refused', async () => {
    await using api = await Api.listen();
    for (const [path, body] of [
      ['/rpc', `[${'1,'.repeat(mostValues)}1]`],
      ['/deploy', { environment: Object.fromEntries(Array.from({ length: mostValues }, (_, at) => [`k${at}`, at])) }],
      ['/rpc', `${'['.repeat(mostValues + 1)}${']'.repeat(mostValues + 1)}`],
    ] as const) {
      const answer = await api.post(path, body);
      expect([answer.status, answer.json()]).toMatchObject([413, { detail: 'the body has more than 20000 values' }]);
    }
  });

  it('is not counted inside of its strings', async () => {
    await using api = await Api.listen();
    api.begin().end();
    const A = '\\",:[{'.repeat(mostValues);
    expect((await api.post('/deploy', { environment: { A, B: A } })).status).toBe(200);
    expect(api.calls).toEqual([{ method: 'deploy', params: { environment: { A, B: A } } }]);
  });

  it.each([';', 'text', 'a/b; charset', '/', ' ', 'application/json; charset=', 'multipart/form-data'])(
    'is taken as JSON with the content type %j',
    async (type) => {
      await using api = await Api.listen();
      for (const [path, body] of [
        ['/rpc', JSON.stringify(call(1))],
        ['/logs/reopen', '{}'],
        ['/logs/reopen', ''],
      ] as const) {
        expect((await api.request('POST', path, { body, headers: { 'content-type': type } })).status).toBe(200);
      }
    },
  );
});

describe('parameters', () => {
  it('are named up to a number when they do not fit, and the others counted', async () => {
    await using api = await Api.listen();
    const wrong = Object.fromEntries(Array.from({ length: 4_500 }, (_, at) => [`k${at}`, at]));
    for (const [params, first] of [
      [{ environment: wrong }, 'environment.k0'],
      [{ ...wrong, [`k4500${'x'.repeat(10_000)}`]: 1 }, 'k0'],
      [{ args: Array(4_500).fill(1) }, 'args.0'],
    ] as const) {
      const { detail, error } = (await api.post('/deploy', params)).json() as Problem;
      expect(error.data.detail.fields).toHaveLength(mostNamedFaults);
      expect(error.data.detail.fields[0]?.field).toBe(first);
      expect(detail).toMatch(/; and 448\d more$/);
      expect(detail.length).toBeLessThan(2_000);
    }
  });

  it('that name something long name it shortened, without what a terminal would act on', async () => {
    await using api = await Api.listen();
    const name = `\u001b[2K${'x'.repeat(100_000)}`;
    for (const answer of [
      await api.post('/deploy', { [name]: 1 }),
      await api.post('/rpc', call(1, name)),
      await api.get(`/${encodeURIComponent('y'.repeat(10_000))}`),
      await api.get('/status', `text/${'z'.repeat(10_000)}`),
    ]) {
      expect(answer.text.length).toBeLessThan(3_000);
      expect(answer.text).not.toContain('\u001b');
    }
  });

  it('hold no environment that the system would not take', async () => {
    await using api = await Api.listen();
    const value = 'x'.repeat(100_000);
    const environment = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`k${at}`, value]));
    const answer = await api.post('/deploy', { environment });
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      { detail: expect.stringMatching(/^environment takes 2100\d\d\d bytes, more than 2097152$/) },
    ]);
  });
});

describe('/rpc', () => {
  it('takes a batch up to a number of requests', async () => {
    await using api = await Api.listen();
    const batch = Array.from({ length: longestBatch }, (_, id) => call(id));
    for (const accept of ['application/json', 'application/x-ndjson']) {
      const answers = (await api.post('/rpc', batch, accept)).json() as { id: number; result: unknown }[];
      expect(answers.map(({ id }) => id)).toEqual(batch.map(({ id }) => id));
      expect(answers.at(-1)?.result).toEqual(status);
    }
    const refused = await api.post('/rpc', [...batch, call(0)]);
    expect(refused.json()).toMatchObject({
      id: null,
      error: { code: -32600, message: 'a batch of 1001 requests: at most 1000 are taken' },
    });
  });

  it('runs no more of a batch whose answers are too long', async () => {
    await using api = await Api.listen();
    const script = 'x'.repeat(longestBatchAnswer / 8);
    api.answer = () => ({ ...status, script });
    const batch = [...Array.from({ length: 20 }, (_, id) => call(id)), { jsonrpc: '2.0', method: 'status' }, 1];
    const answers = (await api.post('/rpc', batch)).json() as { id: number | null; error?: object }[];
    expect(api.calls).toHaveLength(8);
    expect(answers.map(({ id }) => id)).toEqual([...Array(20).keys(), null]);
    expect(answers.slice(8).map(({ error }) => error)).toEqual(
      Array(13).fill(expect.objectContaining({ data: { kind: 'payload-too-large' } })),
    );
  });

  it('takes an id up to a length, because each line of a progress repeats it', async () => {
    await using api = await Api.listen();
    expect((await api.post('/rpc', call('x'.repeat(longestId)))).json()).toHaveProperty('result');
    expect((await api.post('/rpc', call('x'.repeat(longestId + 1)))).json()).toMatchObject({ error: { code: -32600 } });
  });
});

describe('a connection', () => {
  it('that has said nothing for longest is pushed out by new ones, and none of those that are answered', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    const lines = api.follow('POST', '/deploy');
    await lines.next();
    const sockets = Array.from({ length: 150 }, () => api.connect());
    let left = 0;
    for (const socket of sockets) socket.once('close', () => (left += 1)).resume();
    await eventually(() => left === 150 - 128 || undefined);
    expect(sockets.findLastIndex((socket) => socket.destroyed)).toBeLessThan(150 - 64);
    sockets.at(-1)?.write('GET /status HTTP/1.1\r\nHost: x\r\n\r\n');
    const [text] = await once(sockets.at(-1)!, 'data');
    expect(text).toMatch(/^HTTP\/1.1 200 [\s\S]*Keep-Alive: timeout=5\r\n/i);
    for (const socket of sockets) socket.destroy();
    deploy.end();
    expect((await lines.next()).value).toHaveProperty('result');
  });

  it('is ended with a 408 when its request does not come, and not while its answer lasts', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    const lines = api.follow('POST', '/deploy');
    await lines.next();
    const half = ['', 'GET /sta', 'POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n{"timeout"'];
    const ends = half.map(async (begun) => {
      const socket = api.connect();
      socket.write(begun);
      const [text] = await once(socket, 'data');
      await once(socket, 'close');
      return text;
    });
    for (const text of await Promise.all(ends)) {
      expect(text).toMatch(/^HTTP\/1.1 408 /);
      expect(text).toContain('"urn:naught:request-timeout"');
    }
    deploy.end();
    expect((await lines.next()).value).toHaveProperty('result');
  });

  it('is ended with the last of very many requests, and each of those is answered', async () => {
    await using api = await Api.listen();
    const text = await api.send('GET /status HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3_000));
    const answers = text.split('HTTP/1.1 200 OK').slice(1);
    expect(answers).toHaveLength(100);
    expect(answers.filter((answer) => /connection: close/i.test(answer))).toEqual([answers.at(-1)]);
  });

  it('with thousands of headers has the body that the last one announces', async () => {
    await using api = await Api.listen();
    const head = `POST /stop HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'a:\r\n'.repeat(3_000)}Content-Length: 7`;
    expect(await api.send(`${head}\r\n\r\n{"x":1}`)).toMatch(/^HTTP\/1.1 400 [\s\S]*x is not known/);
    expect(api.calls).toEqual([]);
  });

  it('that asks for a tunnel is refused, and one that would upgrade is answered as any other', async () => {
    await using api = await Api.listen();
    for (const target of ['x:1', 'localhost:443', 'a'.repeat(5_000)]) {
      const text = await api.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\nmore`);
      expect(text).toMatch(/^HTTP\/1.1 405 /);
      expect(text).toContain('Content-Type: application/problem+json');
      expect(text).toContain('"urn:naught:method-not-allowed"');
      expect(text.length).toBeLessThan(3_000);
    }
    for (const protocol of ['websocket', 'h2c', 'naught']) {
      const upgrade = { connection: 'Upgrade', upgrade: protocol };
      expect((await api.request('GET', '/status', { headers: upgrade })).json()).toEqual(status);
      const posted = await api.request('POST', '/rpc', { headers: upgrade, body: JSON.stringify(call(1)) });
      expect(posted.json()).toMatchObject({ id: 1, result: status });
    }
  });
});

interface Problem {
  detail: string;
  error: { data: { detail: { fields: { field: string }[] } } };
}
