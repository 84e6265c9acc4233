import { type ClientHttp2Session, connect, constants } from 'node:http2';
import type { Client } from './client.ts';
import type { Outcome, Target } from './wire.ts';

/**
 * Two requests at a time on one session, one of them slow. A request that GOAWAY or REFUSED_STREAM refuses was not begun, and is sent
 * again, as RFC 9113 (8.7) says. node:http2 hides nothing: it has no agent, and retries nothing.
 */
export async function http2(client: Client): Promise<void> {
  let connection: Connection | null = null;
  while (client.running) {
    if (!connection || connection.session.closed || connection.session.destroyed) connection = open(client.target);
    await Promise.all([ask(client, connection, '/'), ask(client, connection, '/slow')]);
    await client.think(Math.random() * 20);
  }
  connection?.session.close();
}

interface Connection {
  session: ClientHttp2Session;
  /** The client's port; null before it is connected. A session that has ended has no socket to ask. */
  port: number | null;
}

function open(target: Target): Connection {
  if ('path' in target) throw new Error('http2: not on a Unix socket');
  const scheme = target.tls ? 'https' : 'http';
  const session = connect(`${scheme}://${target.host ?? '127.0.0.1'}:${target.port}`, { rejectUnauthorized: false });
  const connection: Connection = { session, port: null };
  session.on('connect', (_, socket) => {
    connection.port = socket.localPort ?? null;
  });
  // The requests on it tell.
  session.on('error', () => {});
  return connection;
}

async function ask(client: Client, connection: Connection, path: string): Promise<void> {
  const { session } = connection;
  while (!session.closed && !session.destroyed) {
    client.begin();
    const outcome = await request(session, path);
    client.count(outcome, connection, path);
    if (outcome !== 'again') return;
  }
}

function ended(status: number, isWhole: boolean): Outcome {
  if (status === 0) return 'empty';
  return status === 200 && isWhole ? 'ok' : 'torn';
}

function request(session: ClientHttp2Session, path: string): Promise<Outcome | 'again'> {
  return new Promise((resolve) => {
    const stream = session.request({ ':path': path });
    let status = 0;
    let length = -1;
    let bytes = 0;
    let failure: NodeJS.ErrnoException | null = null;
    const hung = setTimeout(() => resolve('hung'), 15_000);
    stream.on('response', (headers) => {
      status = headers[':status'] ?? 0;
      length = Number(headers['content-length']);
    });
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('close', () => {
      clearTimeout(hung);
      if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) resolve('again');
      else if (failure) resolve(failure.code === 'ECONNREFUSED' ? 'refused' : 'reset');
      else resolve(ended(status, bytes === length));
    });
  });
}
