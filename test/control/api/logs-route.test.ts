import { expect, test } from 'vitest';
import { attachStream, openIn, temporaryFolder } from '../logs/helpers.ts';
import { Api } from './support.ts';

const ndjson = 'application/x-ndjson';

async function withLines(...lines: string[]) {
  const folder = temporaryFolder();
  const logs = await openIn(folder);
  await (await attachStream(logs, 'stdout', 2)).finish(lines.map((line) => `${line}\n`).join(''));
  return { logs, folder };
}

test('GET /logs streams the last lines, to a client that does not say what it accepts too', async () => {
  const { logs } = await withLines('a', 'b', 'c');
  await using api = await Api.listen(logs);
  for (const accept of [undefined, '*/*', ndjson]) {
    const answer = await api.get('/logs?lines=2', accept);
    expect(answer.headers['content-type']).toBe(ndjson);
    expect(answer.lines()).toEqual([
      { event: 'Line', stream: 'stdout', line: 'b' },
      { event: 'Line', stream: 'stdout', line: 'c' },
      { result: { lines: 2, skipped: 0 } },
    ]);
  }
  expect((await api.get('/logs', 'application/json')).json()).toEqual({ lines: 3, skipped: 0 });
});

test('GET /logs follows, and ends with the logs', async () => {
  const { logs } = await withLines('a');
  await using api = await Api.listen(logs);
  const lines = api.follow('GET', '/logs?follow=true&worker=1&lines=0');
  expect((await lines.next()).value).toEqual({ event: 'Live' });
  await (await attachStream(logs, 'stdout', 0)).finish('of another\n');
  await (await attachStream(logs, 'stderr', 1)).finish('of this one\n');
  expect((await lines.next()).value).toMatchObject({ event: 'Line', stream: 'stderr', slot: 1, line: 'of this one' });
  await logs.close(1000);
  expect((await lines.next()).value).toEqual({ result: { lines: 1, skipped: 0 } });
});

test('many lines come whole and in order', async () => {
  const many = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 200)}`);
  const { logs } = await withLines(...many);
  await using api = await Api.listen(logs);
  const answer = await api.get('/logs?lines=all');
  expect(
    answer
      .lines()
      .slice(0, -1)
      .map(({ line }: { line: string }) => line),
  ).toEqual(many);
});

test('is a method of /rpc as well', async () => {
  const { logs } = await withLines('a', 'b');
  await using api = await Api.listen(logs);
  const answer = await api.post('/rpc', { jsonrpc: '2.0', id: 1, method: 'logs', params: { lines: 1 } }, ndjson);
  expect(answer.lines()).toEqual([
    { jsonrpc: '2.0', method: 'progress', params: { id: 1, event: 'Line', stream: 'stdout', line: 'b' } },
    { jsonrpc: '2.0', id: 1, result: { lines: 1, skipped: 0 } },
  ]);
});

test.each([
  ['lines=5x', 'lines must be a whole number, or must be "all"'],
  ['lines=-1', /lines must be >= 0/],
  ['lines=1&lines=2', /lines must be/],
  ['follow=yes', 'follow must be true or false'],
  ['stream=stdin', /stream must be "stdout"/],
  ['worker=', 'worker must be a whole number'],
  ['grep=x', 'grep is not known'],
])('refuses ?%s', async (query, detail) => {
  const { logs } = await withLines();
  await using api = await Api.listen(logs);
  const answer = await api.get(`/logs?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.json()).toMatchObject({ type: 'urn:naught:invalid-params', detail: expect.stringMatching(detail) });
});

test('refuses lines that are not kept with a status of its own', async () => {
  const { logs } = await withLines('a');
  await using api = await Api.listen(logs);
  const answer = await api.get('/logs?worker=0');
  expect(answer.status).toBe(409);
  expect(answer.json()).toMatchObject({ type: 'urn:naught:lines-not-kept' });
});

test('POST /logs/reopen opens the logs anew, and names them', async () => {
  const { logs, folder } = await withLines('a');
  await using api = await Api.listen(logs);
  const answer = await api.post('/logs/reopen', '');
  expect(answer.headers['content-type']).toMatch('application/json');
  expect(answer.json()).toEqual({ logs: ['stdout.log', 'stderr.log', 'naught.log'].map((log) => `${folder}/${log}`) });
  expect((await api.post('/logs/reopen', { all: true })).status).toBe(400);
});
