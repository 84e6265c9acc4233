import { once } from 'node:events';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LogEvent, LogsEnd, LogsParams } from '../../../src/protocol/log-schemas.ts';
import { eventually } from '../../support/eventually.ts';
import { openIn, temporaryFolder } from '../logs/helpers.ts';
import { Api, event } from './support.ts';

const ways = ['ends', 'fails', 'goes on', 'waits'] as const;

/** Logs whose readers are counted: `worker` says which of the ways a reader goes on after three lines. */
function countedLogs() {
  const readers = { begun: 0, open: 0 };
  async function* read({ worker = 0 }: LogsParams, signal: AbortSignal): AsyncGenerator<LogEvent, LogsEnd, void> {
    readers.begun += 1;
    readers.open += 1;
    try {
      const line = { event: 'Line', stream: 'stdout', line: 'x'.repeat(1_000) } as const;
      for (let lines = 0; lines < 3; lines++) yield line;
      if (ways[worker] === 'fails') throw new Error('the disk is gone');
      if (ways[worker] === 'goes on') for (;;) yield line;
      if (ways[worker] === 'waits')
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return { lines: 3, skipped: 0 };
    } finally {
      // As one that closes its files takes a while.
      await setImmediate();
      readers.open -= 1;
    }
  }
  return { readers, logs: { read, reopen: async () => [] } };
}

const json = 'application/json';
const ndjson = 'application/x-ndjson';
const call = (worker: number) => ({ jsonrpc: '2.0', id: 1, method: 'logs', params: { worker } });

function requestText(verb: string, path: string, accept: string, body = ''): string {
  return `${verb} ${path} HTTP/1.1\r\nHost: x\r\nAccept: ${accept}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe.each<[string, (worker: number) => string]>([
  ['GET /logs as NDJSON', (worker) => requestText('GET', `/logs?worker=${worker}`, ndjson)],
  ['GET /logs as JSON', (worker) => requestText('GET', `/logs?worker=${worker}`, json)],
  ['HEAD /logs', (worker) => requestText('HEAD', `/logs?worker=${worker}`, ndjson)],
  ['POST /rpc as NDJSON', (worker) => requestText('POST', '/rpc', ndjson, JSON.stringify(call(worker)))],
  ['POST /rpc as JSON', (worker) => requestText('POST', '/rpc', json, JSON.stringify(call(worker)))],
  ['a batch as NDJSON', (worker) => requestText('POST', '/rpc', ndjson, JSON.stringify([call(worker), call(worker)]))],
])('%s', (_name, textOf) => {
  it.each(ways)('leaves no generator open when its reader leaves one that %s', async (way) => {
    const { readers, logs } = countedLogs();
    await using api = await Api.listen(logs);
    for (const leave of ['at once', 'at the first bytes'] as const) {
      const { begun } = readers;
      const socket = api.connect();
      socket.on('error', () => {});
      const answered = once(socket, 'data');
      socket.write(textOf(ways.indexOf(way)));
      await eventually(() => readers.begun > begun || undefined);
      const answers = way === 'ends' || way === 'fails' || textOf(0).includes(ndjson);
      if (leave === 'at the first bytes' && answers) await answered;
      else answered.catch(() => {});
      socket.destroy();
    }
    await eventually(() => readers.open === 0 || undefined);
  });
});

it.each(['GET', 'POST'])('%s: files are closed when readers leave in the midst of the logs', async (verb) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'stdout.log'), `${'y'.repeat(1_000)}\n`.repeat(5_000));
  const logs = await openIn(folder);
  await using api = await Api.listen(logs);
  const before = openFiles(folder);
  expect(before).toBeGreaterThan(0);
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'logs', params: { lines: 'all' } });
  const text = verb === 'GET' ? requestText(verb, '/logs?lines=all', ndjson) : requestText(verb, '/rpc', ndjson, body);
  for (let reader = 0; reader < 20; reader++) {
    const socket = api.connect();
    socket.write(text);
    await once(socket, 'data');
    socket.destroy();
  }
  await eventually(() => openFiles(folder) === before || undefined);
});

it.each(['GET', 'POST'])('%s: who follows the events and leaves is waited for no longer', async (verb) => {
  await using api = await Api.listen();
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'events', params: { follow: true } });
  const text =
    verb === 'GET' ? requestText(verb, '/events?follow=true', ndjson) : requestText(verb, '/rpc', ndjson, body);
  api.events.push(event('Bootup'));
  for (let reader = 0; reader < 5; reader++) {
    const socket = api.connect();
    socket.write(text);
    await once(socket, 'data');
    await eventually(() => api.events.followers === 1 || undefined);
    socket.destroy();
    await eventually(() => api.events.followers === 0 || undefined);
  }
});

function openFiles(folder: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => pathOf(fd).startsWith(folder)).length;
}

function pathOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
