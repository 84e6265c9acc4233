import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Status } from '../../src/protocol/status-schemas.ts';
import { eventually } from '../support/eventually.ts';
import { sendAndEnd } from '../support/http.ts';
import { Naught, server } from '../support/naught.ts';

const posts = ['/deploy', '/deploy/abort', '/stop'];

describe('the API of a running daemon', () => {
  let naught: Naught;
  let before: Status;
  beforeAll(async () => {
    naught = await Naught.withPort();
    await naught.start(['--worker-count', '2', server]);
    before = await naught.status();
    return () => naught[Symbol.asyncDispose]();
  });

  const expectUnchanged = async () => {
    const { pid, release, workerCount, count, waitingFor, workers } = await naught.status();
    expect({ pid, release, workerCount, count, waitingFor }).toEqual({
      pid: before.pid,
      release: before.release,
      workerCount: before.workerCount,
      count: before.count,
      waitingFor: null,
    });
    expect(workers.map((worker) => worker.pid)).toEqual(before.workers.map((worker) => worker.pid));
  };

  const expectProblem = (answer: { status: number; type: string; body: string }, status: number, kind: string) => {
    expect(answer).toMatchObject({ status, type: 'application/problem+json' });
    const problem = JSON.parse(answer.body);
    expect(problem).toMatchObject({ type: `urn:naught:${kind}`, status });
    return problem;
  };

  it.each(posts)('POST %s refuses what is not JSON', async (path) => {
    for (const body of ['{', '{"timeout": }', 'timeout=5', '{"timeout": 1} x', '\u0000']) {
      expectProblem(await naught.call('POST', path, { body }), 400, 'parse-error');
    }
    await expectUnchanged();
  });

  it.each(posts)('POST %s refuses what is not an object, and names what it does not know', async (path) => {
    for (const body of ['[]', '1', 'null', '"text"', 'true']) {
      expectProblem(await naught.call('POST', path, { body }), 400, 'invalid-params');
    }
    const problem = expectProblem(await naught.call('POST', path, { body: '{"tiemout": 5}' }), 400, 'invalid-params');
    expect(problem.detail).toBe('tiemout is not known');
    await expectUnchanged();
  });

  it('GET /status refuses what it does not know', async () => {
    const problem = expectProblem(await naught.call('GET', '/status?verbose=1'), 400, 'invalid-params');
    expect(problem.detail).toBe('verbose is not known');
  });

  it.each<[string, unknown, string]>([
    ['workerCount', '2', 'workerCount'],
    ['workerCount', 1.5, 'workerCount'],
    ['workerCount', -1, 'workerCount'],
    ['workerCount', null, 'workerCount'],
    ['workerCount', 100_000, 'workerCount'],
    ['environment', [], 'environment'],
    ['environment', 'A=1', 'environment'],
    ['environment', { A: 1 }, 'environment.A'],
    ['environment', { 'A=B': '1' }, 'environment.A=B'],
    ['environment', { A: 'nul\0' }, 'environment.A'],
    ['timeout', '5', 'timeout'],
    ['timeout', -1, 'timeout'],
    ['cwd', 5, 'cwd'],
    ['cwd', '', 'cwd'],
    ['cwd', '/nowhere/at/all', 'cwd'],
    ['script', ['server.js'], 'script'],
    ['script', '/nowhere/server.js', 'script'],
    ['args', 'one', 'args'],
    ['args', [1], 'args.0'],
    ['nodeArgs', '--expose-gc', 'nodeArgs'],
    ['nodeArgs', [null], 'nodeArgs.0'],
  ])('POST /deploy refuses %s = %j and names it', async (name, value, field) => {
    const body = JSON.stringify({ [name]: value });
    const problem = expectProblem(await naught.call('POST', '/deploy', { body }), 400, 'invalid-params');
    expect(problem.error.data.detail.fields[0].field).toBe(field);
    const rpc = { jsonrpc: '2.0', id: 7, method: 'deploy', params: { [name]: value } };
    const { status, body: text } = await naught.call('POST', '/rpc', { body: JSON.stringify(rpc) });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ id: 7, error: { code: -32602, data: { kind: 'invalid-params' } } });
    await expectUnchanged();
  });

  it('names the fields of all invalid parameters in one form', async () => {
    const fieldsOf = ({ data }: { data: { detail: { fields: object[] } } }) => data.detail.fields;
    const logs = await naught.call('GET', '/logs?stream=daemon&worker=1');
    const { error } = JSON.parse(logs.body);
    expect(fieldsOf(error)).toEqual([{ field: 'worker', message: expect.stringContaining('is not known') }]);
    const byPosition = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'stop', params: [5] });
    const rpc = JSON.parse((await naught.call('POST', '/rpc', { body: byPosition })).body);
    expect(fieldsOf(rpc.error)).toEqual([{ field: '', message: 'must be an object: they are taken by name' }]);
  });

  it.each([['5'], [-1], [true], [{}]])('POST /stop refuses timeout = %j', async (timeout) => {
    const problem = expectProblem(
      await naught.call('POST', '/stop', { body: JSON.stringify({ timeout }) }),
      400,
      'invalid-params',
    );
    expect(problem.detail).toMatch(/^timeout /);
    await expectUnchanged();
  });

  it('refuses routes and verbs that are not there', async () => {
    expectProblem(await naught.call('GET', '/nothing'), 404, 'method-not-found');
    expectProblem(await naught.call('GET', '/deploy'), 405, 'method-not-allowed');
    expectProblem(await naught.call('POST', '/status', { body: '{}' }), 405, 'method-not-allowed');
    expectProblem(await naught.call('DELETE', '/stop'), 405, 'method-not-allowed');
    await expectUnchanged();
  });

  it('/rpc answers what is no request as JSON-RPC says', async () => {
    const codes: [string, number][] = [
      ['{', -32700],
      ['', -32700],
      ['[]', -32600],
      ['1', -32600],
      ['{"jsonrpc":"1.0","id":1,"method":"status"}', -32600],
      ['{"jsonrpc":"2.0","id":{},"method":"stop"}', -32600],
      ['{"jsonrpc":"2.0","id":1,"method":"halt"}', -32601],
      ['{"jsonrpc":"2.0","id":1,"method":"stop","params":[5]}', -32602],
      ['{"jsonrpc":"2.0","id":1,"method":"stop","params":{"timeout":"5"}}', -32602],
      ['{"jsonrpc":"2.0","id":1,"method":"deploy.abort"}', 1002],
    ];
    for (const [body, code] of codes) {
      const answer = await naught.call('POST', '/rpc', { body });
      expect(answer).toMatchObject({ status: 200, type: 'application/json' });
      expect([body, JSON.parse(answer.body).error.code]).toEqual([body, code]);
    }
    const batch = '[{"jsonrpc":"2.0","id":1,"method":"halt"},1,{"jsonrpc":"2.0","id":2,"method":"status"}]';
    const answers = JSON.parse((await naught.call('POST', '/rpc', { body: batch })).body);
    expect(answers).toMatchObject([
      { id: 1, error: { code: -32601 } },
      { id: null, error: { code: -32600 } },
      { id: 2, result: { count: { online: 2 } } },
    ]);
    await expectUnchanged();
  });

  it('refuses an abort with no deploy in progress', async () => {
    expectProblem(await naught.call('POST', '/deploy/abort'), 409, 'no-deploy-in-progress');
    await expectUnchanged();
  });

  it('refuses a deploy during a deploy with 409, and the first one comes to its end as it was asked for', async () => {
    const first = naught.begin(['deploy', '--worker-count', '1'], { env: { BOOT: 'wait:go', RELEASE: 'first' } });
    await first.says('SpawnNew');
    const second = { workerCount: 5, environment: { RELEASE: 'second' }, timeout: 0.01, args: ['second'] };
    for (const accept of ['application/json', 'application/x-ndjson']) {
      const body = JSON.stringify(second);
      expectProblem(await naught.call('POST', '/deploy', { body, headers: { accept } }), 409, 'deploy-in-progress');
    }
    naught.write('go');
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(await naught.status()).toMatchObject({ workerCount: 1, count: { online: 1 }, release: before.release + 1 });
    expect(await naught.facts()).toMatchObject({ args: [], env: { RELEASE: 'first' } });
    before = await naught.status();
  });

  it('answers a client that ends its side once it has asked, as nc -N does', async () => {
    const asked = 'POST /deploy HTTP/1.1\r\nHost: naught\r\nContent-Length: 2\r\n\r\n{}';
    const answer = await sendAndEnd(naught.path('naught.ipc'), asked);
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\{"event":"SpawnNew"[\s\S]*\{"result":/);
    before = await naught.status();
  });

  it('never shows the value of a variable, in status, events or logs', async () => {
    const secret = 'hunter2-hunter2';
    const { body } = await naught.call('POST', '/deploy', { body: JSON.stringify({ environment: { TOKEN: secret } }) });
    const status = await naught.call('GET', '/status');
    expect((await naught.facts()).env.TOKEN).toBe(secret);
    expect(body + status.body + naught.read('naught.log')).not.toContain(secret);
    before = await naught.status();
  });

  it('answers deploys, status calls and followers at once: one deploy wins, the others change nothing, everybody sees the same', async () => {
    naught.remove('go');
    naught.write('boot', 'wait:go');
    const body = (n: number) => JSON.stringify({ workerCount: 2, args: [`${n}`] });
    const deploys = Array.from({ length: 10 }, (_, n) => naught.call('POST', '/deploy', { body: body(n) }));
    await eventually(async () => ((await naught.status()).waitingFor === 'new' ? true : undefined));
    const followers = Array.from({ length: 10 }, () =>
      naught.call('GET', '/status', { headers: { accept: 'application/x-ndjson' } }),
    );
    const gone = new AbortController();
    followAndLeave(naught.path('naught.ipc'), gone.signal);
    const snapshots = await Promise.all(Array.from({ length: 20 }, () => naught.status()));
    for (const { waitingFor, release } of snapshots)
      expect({ waitingFor, release }).toEqual({ waitingFor: 'new', release: before.release });
    gone.abort();
    naught.write('go');

    const winners: number[] = [];
    const answers = await Promise.all(deploys);
    answers.forEach((answer, n) => {
      if (answer.status === 200) winners.push(n);
      else expectProblem(answer, 409, 'deploy-in-progress');
    });
    expect(winners).toHaveLength(1);
    const told =
      answers[winners[0] ?? 0]?.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)) ?? [];
    const events = told.slice(0, -1).map(({ event, seq }) => `${seq} ${event}`);
    for (const follower of await Promise.all(followers)) {
      const lines = follower.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.slice(0, -1).map(({ event, seq }) => `${seq} ${event}`)).toEqual(events);
      expect(lines.at(-1)).toMatchObject({ result: { release: before.release + 1, count: { online: 2 } } });
    }
    for (const slot of [0, 1]) expect(await naught.facts(slot)).toMatchObject({ args: [`${winners[0]}`] });
  });
});

/** A follower that leaves in the midst of it. */
function followAndLeave(socketPath: string, signal: AbortSignal): void {
  const sent = request(
    { socketPath, path: '/status', headers: { accept: 'application/x-ndjson' }, signal },
    (response) => {
      response.on('error', () => {}).resume();
    },
  );
  sent.on('error', () => {}).end();
}
