import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runCell } from '../../bench/loss/cell.ts';
import { parseHead, parseResponse } from '../../bench/loss/client/response.ts';
import { type Target, Wire } from '../../bench/loss/client/wire.ts';
import { events } from '../../bench/loss/events.ts';
import { servers } from '../../bench/loss/servers.ts';
import { root } from '../support/naught.ts';

/**
 * Lets each of these events of `bench/loss` happen once to a server of its table, under all its kinds of clients; fails on a loss
 * that is not allowed.
 */
export async function expectNothingLost(serverName: string, ...eventNames: string[]): Promise<void> {
  const server = servers.find(({ name }) => name === serverName);
  const chosen = eventNames.map((wanted) => events.find(({ name }) => name === wanted));
  if (!server || chosen.includes(undefined)) throw new Error(`not in the table: ${serverName}, ${eventNames}`);
  const dir = mkdtempSync(join(tmpdir(), 'naught-loss-'));
  try {
    const cell = { server, kinds: server.kinds, events: chosen.filter((event) => event !== undefined) };
    const results = await runCell(cell, { dir, node: process.execPath, timesOf: () => 1 });
    const forbidden = results.filter((result) => result.forbidden > 0);
    expect(forbidden.map(({ kind, outside }) => ({ kind: kind.name, outside }))).toEqual([]);
    expect(results.every(({ tally }) => tally.ok > 0)).toBe(true);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Listens where LISTEN says. */
export const fixture = join(root, 'test/e2e-loss/fixtures/server.cjs');

/** Options that every server here is started with: its code says nothing to naught. */
export const ordinary = ['--online-on', 'listening'];

/** A request on a connection of its own, answered by the fixture. Throws how it was lost. */
export async function ask(target: Target, path = '/'): Promise<{ pid: number; slot: string }> {
  const wire = new Wire(target);
  wire.write(`GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n`);
  const answer = await wire.next(parseResponse);
  wire.close();
  if ('lost' in answer) throw new Error(answer.lost);
  return JSON.parse(answer.value.body);
}

/** A stream of server-sent events of the fixture, begun. */
export async function stream(target: Target): Promise<Wire> {
  const wire = new Wire(target);
  wire.write('GET /events HTTP/1.1\r\nHost: test\r\n\r\n');
  const head = await wire.next(parseHead);
  if ('lost' in head || head.value.status !== 200) throw new Error(JSON.stringify(head));
  return wire;
}
