import type { Client } from './client.ts';
import { exchange, get } from './http.ts';
import type { Response } from './response.ts';
import { follow, openStream } from './sse.ts';
import { Wire } from './wire.ts';

/** Connections that are kept for the next request, the newest last. */
type Pool = { wire: Wire; until: number }[];

/** A stream and requests that share kept connections, as in a browser: the connection of a stream that has ended serves a request next. */
export async function pool(client: Client): Promise<void> {
  const kept: Pool = [];
  await Promise.all([streams(client, kept), requests(client, kept), requests(client, kept)]);
  for (const { wire } of kept) wire.close();
}

async function streams(client: Client, kept: Pool): Promise<void> {
  while (client.running) {
    const wire = take(client, kept);
    const head = await openStream(client, wire);
    const again = head !== null && (await follow(client, wire));
    await keep(kept, wire, again ? head : null);
  }
}

async function requests(client: Client, kept: Pool): Promise<void> {
  while (client.running) {
    const wire = take(client, kept);
    await keep(kept, wire, await exchange(client, wire, get('/')));
    await client.think(Math.random() * 10);
  }
}

function take(client: Client, kept: Pool): Wire {
  for (let last = kept.pop(); last; last = kept.pop()) {
    if (!last.wire.over && performance.now() < last.until) return last.wire;
    last.wire.close();
  }
  return new Wire(client.target);
}

/** As clients do, it waits for a turn of the event loop, in which it hears of an end that came with the response. */
async function keep(kept: Pool, wire: Wire, response: Pick<Response, 'close' | 'keepAlive'> | null): Promise<void> {
  await new Promise(setImmediate);
  const promised = (response?.keepAlive ?? 5) * 1_000;
  if (response && !response.close && !wire.over) kept.push({ wire, until: performance.now() + promised - 1_000 });
  else wire.close();
}
