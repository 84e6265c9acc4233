import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { Inspector } from '../../bench/logs/inspector.ts';
import { freePort } from '../../bench/port.ts';
import {
  longestBatch,
  longestDeployBody,
  longestEnvironment,
  longestId,
  mostValues,
} from '../../src/protocol/limits.ts';
import { Naught, server } from '../support/naught.ts';
import { Turns } from '../support/turns.ts';

/** CPU milliseconds that one turn of the event loop may take; a machine of CI is slower than the one on which it is below 50. */
const longestMs = 100;

const environment = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, value]));
const most = mostValues / 2 - 5;
const call = (id: unknown, method: string, params: unknown = {}) => ({ jsonrpc: '2.0', id, method, params });
const batch = (method: string, params?: unknown) =>
  JSON.stringify(Array.from({ length: longestBatch }, (_, id) => call(id, method, params)));

/** As costly as a request can be: none of them may keep the others waiting. */
const costly: Record<string, [path: string, body: string]> = {
  'a batch of numbers': ['/rpc', `[${'1,'.repeat(300_000)}1]`],
  'a batch of wrong requests': ['/rpc', `[${'1,'.repeat(longestBatch - 1)}1]`],
  'a batch of status': ['/rpc', batch('status')],
  'a batch of misfits': ['/rpc', batch('deploy', { a: 1, b: 1 })],
  'a batch of unknown methods': ['/rpc', batch('x'.repeat(3_000))],
  'a long id': ['/rpc', JSON.stringify(call('x'.repeat(longestDeployBody - 100), 'status'))],
  'an id of the longest': ['/rpc', JSON.stringify(call('x'.repeat(longestId), 'logs', { lines: 'all' }))],
  'wrong values': ['/deploy', JSON.stringify({ environment: environment(most, 1) })],
  'wrong names': ['/deploy', JSON.stringify({ environment: environment(most, 'x') }).replaceAll('"k', '"=')],
  'unknown names': ['/deploy', JSON.stringify(environment(most, 1))],
  'wrong arguments': ['/deploy', JSON.stringify({ args: Array(mostValues - 10).fill(1) })],
  'an environment that is refused late': [
    '/deploy',
    JSON.stringify({ environment: environment(most, 'x'.repeat(180)), cwd: '/nowhere' }),
  ],
  'one variable that is too long': ['/deploy', JSON.stringify({ environment: { A: 'x'.repeat(longestEnvironment) } })],
  escapes: ['/deploy', `{"cwd":"/${'\\u0041'.repeat(longestDeployBody / 6 - 10)}"}`],
  'no JSON': ['/deploy', 'x'.repeat(longestDeployBody)],
  'quotes that do not end': ['/deploy', `"${'\\"'.repeat(longestDeployBody / 2 - 1)}`],
  depth: ['/rpc', '['.repeat(longestDeployBody)],
  'a number of millions of digits': ['/deploy', `{"timeout":${'1'.repeat(longestDeployBody - 20)}}`],
};

it('no request keeps control busy for long in one go', async () => {
  const inspectPort = await freePort();
  await using naught = await Naught.withPort(Inspector.environment('control', inspectPort));
  await naught.start([server]);
  using turns = await Turns.of(inspectPort);
  const figures: Record<string, number> = {};
  const measure = async (what: string, act: () => Promise<unknown>) => {
    await naught.status();
    await turns.longest();
    await act();
    figures[what] = Math.round(await turns.longest());
  };
  // What is compiled when it is first used is no matter of the request.
  for (const [path, body] of Object.values(costly)) await naught.call('POST', path, { body });
  for (const [what, [path, body]] of Object.entries(costly))
    await measure(what, () => naught.call('POST', path, { body }));
  await measure('all at once', () =>
    Promise.all(Object.values(costly).map(([path, body]) => naught.call('POST', path, { body }))),
  );
  await measure('thousands of requests in one write', () => pipelined(naught.path('naught.ipc'), 4_000));
  expect(Object.entries(figures).filter(([, ms]) => ms > longestMs)).toEqual([]);
});

async function pipelined(ipcFile: string, requests: number): Promise<void> {
  // Such a connection is ended, maybe while it still writes.
  const socket = connect(ipcFile)
    .on('error', () => {})
    .resume();
  const get = 'GET /nowhere HTTP/1.1\r\nHost: x\r\n';
  socket.write(`${`${get}\r\n`.repeat(requests - 1)}${get}Connection: close\r\n\r\n`);
  await new Promise((closed) => socket.once('close', closed));
}
