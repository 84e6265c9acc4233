import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/protocol/errors.ts';
import { Api, outcome, status } from './support.ts';

const call = (id: unknown, method: string, params?: object) => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params ? { params } : {}),
});

describe('POST /rpc', () => {
  it('answers a call with its id', async () => {
    await using api = await Api.listen();
    const answer = await api.post('/rpc', call('a', 'status'));
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
    expect(answer.json()).toEqual({ jsonrpc: '2.0', id: 'a', result: status });
  });

  it('sends progress as notifications before the response when NDJSON is asked for', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    deploy.end();
    const answer = await api.post('/rpc', call(7, 'deploy', { workerCount: 1 }), 'application/x-ndjson');
    expect(answer.lines()).toMatchObject([
      { jsonrpc: '2.0', method: 'progress', params: { id: 7, event: 'SpawnNew' } },
      { jsonrpc: '2.0', id: 7, result: outcome },
    ]);
  });

  it('sends the response alone as JSON', async () => {
    await using api = await Api.listen();
    const deploy = api.begin();
    deploy.emit('SpawnNew');
    deploy.end();
    expect((await api.post('/rpc', call(7, 'deploy'))).json()).toEqual({ jsonrpc: '2.0', id: 7, result: outcome });
  });

  it("gives naught's own errors their code and kind", async () => {
    await using api = await Api.listen();
    api.refuse('deploy-in-progress');
    expect((await api.post('/rpc', call(1, 'deploy'))).json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: new CallError('deploy-in-progress').toWire(),
    });
  });

  it('runs a batch in order and answers it with an array, without its notifications', async () => {
    await using api = await Api.listen();
    api.begin('stop').end();
    const batch = [
      call(1, 'status'),
      { jsonrpc: '2.0', method: 'stop', params: { timeout: 1 } },
      5,
      call(2, 'nothing'),
    ];
    const answers = (await api.post('/rpc', batch)).json() as { id: unknown; error?: { code: number } }[];
    expect(answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [null, -32600],
      [2, -32601],
    ]);
    expect(api.calls).toEqual([
      { method: 'status', params: {} },
      { method: 'stop', params: { timeout: 1 } },
    ]);
  });

  it('answers notifications with 204 and nothing', async () => {
    await using api = await Api.listen();
    for (const body of [
      { jsonrpc: '2.0', method: 'status' },
      [
        { jsonrpc: '2.0', method: 'status' },
        { jsonrpc: '2.0', method: 'nope' },
      ],
    ]) {
      const answer = await api.post('/rpc', body);
      expect([answer.status, answer.text]).toEqual([204, '']);
    }
  });

  it.each([
    ['{"jsonrpc"', -32700, null],
    ['', -32700, null],
    ['[]', -32600, null],
    ['1', -32600, null],
    ['{}', -32600, null],
    ['{"jsonrpc":"1.0","method":"status","id":1}', -32600, null],
    ['{"jsonrpc":"2.0","method":"status","id":{}}', -32600, null],
    ['{"jsonrpc":"2.0","method":"status","id":true}', -32600, null],
    ['{"jsonrpc":"2.0","method":5,"id":1}', -32600, null],
    ['{"jsonrpc":"2.0","method":"status","params":3,"id":1}', -32600, null],
    ['{"jsonrpc":"2.0","method":"toString","id":1}', -32601, 1],
    ['{"jsonrpc":"2.0","method":"status","params":[1],"id":1}', -32602, 1],
    ['{"jsonrpc":"2.0","method":"status","params":{"a":1},"id":null}', -32602, null],
    ['{"jsonrpc":"2.0","method":"deploy","params":{"workerCount":"3"},"id":1}', -32602, 1],
  ])('answers %s as the specification says', async (body, code, id) => {
    await using api = await Api.listen();
    const answer = await api.post('/rpc', body);
    expect(answer.status).toBe(200);
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id, error: { code } });
    expect(api.calls).toEqual([]);
  });
});
