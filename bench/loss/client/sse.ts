import type { Client } from './client.ts';
import { parseChunk, parseHead } from './response.ts';
import { Wire } from './wire.ts';

/** A stream of numbered events, each counted. Ended in order by the server it is opened again; a gap, a break or silence is a loss. */
export async function sse(client: Client): Promise<void> {
  while (client.running) {
    const wire = new Wire(client.target);
    client.begin();
    wire.write('GET /events HTTP/1.1\r\nHost: test\r\nAccept: text/event-stream\r\n\r\n');
    const head = await wire.next(parseHead);
    if ('lost' in head) client.count(head.lost, wire, 'stream');
    else if (head.value.status !== 200) client.count('torn', wire, `stream: ${head.value.status}`);
    else {
      client.count('ok', wire);
      await follow(client, wire);
    }
    wire.close();
    await client.think(5);
  }
}

async function follow(client: Client, wire: Wire): Promise<void> {
  for (let id = 1; client.mode !== 'stop'; ) {
    client.begin();
    const chunk = await wire.next(parseChunk);
    if ('lost' in chunk) return client.count(chunk.lost, wire, `event ${id}`);
    if (chunk.value === '') return client.count('again', wire);
    const got = /^id: (\d+)/m.exec(chunk.value)?.[1];
    const right = got === undefined || Number(got) === id;
    client.count(right ? 'ok' : 'torn', wire, `event ${got} instead of ${id}`);
    if (got !== undefined) id += 1;
  }
}
