import type { Client } from './client.ts';
import { connectionOf, parseChunk, parseHead, type Response } from './response.ts';
import { Wire } from './wire.ts';

/** A stream of numbered events, each counted. Ended in order by the server it is opened again; a gap, a break or silence is a loss. */
export async function sse(client: Client): Promise<void> {
  while (client.running) {
    const wire = new Wire(client.target);
    if (await openStream(client, wire)) await follow(client, wire);
    wire.close();
    await client.think(5);
  }
}

/** The request of a stream, counted; what its head says of the connection, or null when it was lost. */
export async function openStream(client: Client, wire: Wire): Promise<Pick<Response, 'close' | 'keepAlive'> | null> {
  client.begin();
  wire.write('GET /events HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n');
  const head = await wire.next(parseHead);
  if ('lost' in head) client.count(head.lost, wire, 'stream');
  else if (head.value.status !== 200) client.count('torn', wire, `stream: ${head.value.status}`);
  else {
    client.count('ok', wire);
    return connectionOf(head.value);
  }
  return null;
}

/** Counts its events to its end; true when that was in order. */
export async function follow(client: Client, wire: Wire): Promise<boolean> {
  for (let id = 1; client.mode !== 'stop'; ) {
    client.begin();
    const chunk = await wire.next(parseChunk);
    if ('lost' in chunk) client.count(chunk.lost, wire, `event ${id}`);
    else if (chunk.value === '') client.count('again', wire);
    if ('lost' in chunk || chunk.value === '') return 'value' in chunk;
    const got = /^id: (\d+)/m.exec(chunk.value)?.[1];
    const right = got === undefined || Number(got) === id;
    client.count(right ? 'ok' : 'torn', wire, `event ${got} instead of ${id}`);
    if (got !== undefined) id += 1;
  }
  return false;
}
