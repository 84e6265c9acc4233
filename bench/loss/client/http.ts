import type { Client } from './client.ts';
import { parseResponse, type Response } from './response.ts';
import { Wire } from './wire.ts';

/** A new connection for each request. */
export async function fresh(client: Client): Promise<void> {
  while (client.running) {
    const wire = new Wire(client.target);
    await exchange(client, wire, get('/', 'close'));
    wire.close();
    await client.think(2);
  }
}

interface KeepAlive {
  path?: string;
  /** Milliseconds before the next request; `limit` is how long this client may keep the connection, idle. */
  think?: (limit: number) => number;
  /** Whether it closes a connection a second before the server's promise (`Keep-Alive: timeout`) ends, as clients do that know it. */
  honours?: boolean;
}

/** One connection for as long as the server keeps it. */
export function keepAlive({ path = '/', think = () => 0, honours = true }: KeepAlive) {
  return async (client: Client): Promise<void> => {
    let wire: Wire | null = null;
    while (client.running) {
      wire ??= new Wire(client.target);
      const response = await exchange(client, wire, get(path));
      const promise = (response?.keepAlive ?? 5) * 1_000;
      const limit = honours ? promise - 1_000 : promise;
      const answered = performance.now();
      await client.think(think(limit));
      const tooOld = honours && performance.now() - answered >= limit;
      if (response && !response.close && !wire.over && !tooOld) continue;
      wire.close();
      wire = null;
    }
    wire?.close();
  };
}

const uploaded = 1024 * 1024;
const pieces = 16;

/** 1 MiB in pieces, about 300 ms long. */
export async function upload(client: Client): Promise<void> {
  while (client.running) {
    const wire = new Wire(client.target);
    client.begin();
    wire.write(`POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: ${uploaded}\r\n\r\n`);
    for (let piece = 0; piece < pieces && !wire.over; piece++) {
      wire.write(Buffer.alloc(uploaded / pieces));
      await new Promise((next) => setTimeout(next, 300 / pieces));
    }
    const answer = await wire.next(parseResponse);
    if ('lost' in answer) client.count(answer.lost, wire, 'upload');
    else if (answer.value.status !== 200 || JSON.parse(answer.value.body).bytes !== uploaded) {
      client.count('torn', wire, `upload: ${answer.value.status} ${answer.value.body}`);
    } else client.count('ok', wire);
    wire.close();
    await client.think(20);
  }
}

const depth = 4;

/** Counts each of them, and returns whether the connection stays. */
async function countPipelined(client: Client, wire: Wire): Promise<boolean> {
  for (let left = depth - 1; left >= 0; left--) {
    const response = await count(client, wire, `pipelined, ${left} to come`);
    if (response !== null && !response.close) continue;
    for (let again = 0; again < left; again++) client.count('again', wire);
    return false;
  }
  return true;
}

/**
 * Several requests in one write. After a response that says `Connection: close` the rest must be sent again (RFC 9112, 9.3.2 and
 * 9.6): the server has not begun them.
 */
export async function pipelined(client: Client): Promise<void> {
  let wire: Wire | null = null;
  while (client.running) {
    wire ??= new Wire(client.target);
    for (let request = 0; request < depth; request++) client.begin();
    wire.write(get('/').repeat(depth));
    const open = await countPipelined(client, wire);
    await client.think(5);
    if (open && !wire.over) continue;
    wire.close();
    wire = null;
  }
  wire?.close();
}

/** A request and its response, counted; null when it was lost. */
export function exchange(client: Client, wire: Wire, request: string): Promise<Response | null> {
  client.begin();
  wire.write(request);
  return count(client, wire, request.slice(0, request.indexOf(' HTTP')));
}

/** The next response, counted; null when it was lost. */
async function count(client: Client, wire: Wire, detail: string): Promise<Response | null> {
  const answer = await wire.next(parseResponse);
  if ('lost' in answer) {
    client.count(answer.lost, wire, detail);
    return null;
  }
  const ok = answer.value.status === 200;
  client.count(ok ? 'ok' : 'torn', wire, `${detail}: ${answer.value.status}`);
  return answer.value;
}

export function get(path: string, connection = 'keep-alive'): string {
  return `GET ${path} HTTP/1.1\r\nHost: test\r\nConnection: ${connection}\r\n\r\n`;
}
