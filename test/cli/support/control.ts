import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Count, Event, WaitingFor } from '../../../src/protocol/schemas.ts';
import type { Status } from '../../../src/protocol/status-schemas.ts';

/** A control process that says what a test tells it to, on a real Unix socket. */
export interface FakeControl {
  ipcFile: string;
  /** What it was asked so far, in order. */
  requests: { route: string; accept: string | undefined; body: unknown }[];
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void | Promise<void>;

/** A folder of the test's own, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'naught-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Listens at naught.ipc in the folder; `answers` by route, such as `POST /deploy`. */
export async function fakeControl(folder: string, answers: Record<string, Answer>): Promise<FakeControl> {
  const ipcFile = join(folder, 'naught.ipc');
  const requests: FakeControl['requests'] = [];
  const server = createServer(async (request, response) => {
    const route = `${request.method} ${request.url}`;
    requests.push({ route, accept: request.headers.accept, body: await bodyOf(request) });
    // A deploy asks where the workers run.
    const answer = answers[route] ?? (route === 'GET /status' ? json(status({ cwd: folder })) : lostOperation(route));
    if (answer === undefined) throw new Error(`the test expects no ${route}`);
    await answer(response, request);
  });
  await new Promise<void>((resolve) => server.listen(ipcFile, resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { ipcFile, requests, close };
}

/** Nobody knows any more how the operation of a stream that was cut has ended. */
function lostOperation(route: string): Answer | undefined {
  return route.startsWith('GET /operation') ? problem(404, 'no-operation', 'no operation is known', 1020) : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

export const counts = (booting = 0, online = 0, dying = 0, new_online = 0): Count => ({
  booting,
  online,
  dying,
  new_online,
});

let seq = 0;

export const event = (name: string, count: Count, waitingFor: WaitingFor = 'new'): Event => ({
  event: name,
  count,
  waitingFor,
  time: '2026-01-01T00:00:00.000Z',
  seq: ++seq,
});

export const outcome = (count: Count = counts(0, 2)) => ({ count, waitingFor: null, release: 1, pid: 4242 });

export const status = (over: Partial<Status> = {}): Status => ({
  ...outcome(),
  version: '2.0.0',
  node: 'v20.19.0',
  uptime: 1,
  script: '/srv/server.js',
  cwd: '/srv',
  workerCount: 2,
  workers: [],
  ...over,
});

/** Answers one JSON document. */
export const json =
  (body: unknown, code = 200): Answer =>
  (response) => {
    const type = code >= 400 ? 'application/problem+json' : 'application/json';
    response.writeHead(code, { 'content-type': type, connection: 'close' }).end(JSON.stringify(body));
  };

/** Answers an NDJSON stream of these lines, which ends in proper order. */
export const ndjson =
  (lines: unknown[], headers: Record<string, string> = {}): Answer =>
  (response) => {
    begin(response, headers);
    for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
    response.end();
  };

export function begin(response: ServerResponse, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close', ...headers });
}

/** A call refused before it began, as RFC 9457 has it. */
export const problem = (status: number, kind: string, message: string, code = 1001, detail?: unknown): Answer =>
  json(
    {
      type: `urn:naught:${kind}`,
      title: kind,
      status,
      detail: message,
      error: { code, message, data: { kind, ...(detail === undefined ? {} : { detail }) } },
    },
    status,
  );

/** An error as a stream's last line. */
export const errorLine = (kind: string, message: string, code = 1004) => ({
  error: { code, message, data: { kind } },
});

/** A folder with a control process that answers one route, and what it was asked. */
export async function daemon(answers: Record<string, Answer>) {
  const cwd = temporaryFolder();
  return { cwd, ...(await fakeControl(cwd, answers)) };
}
