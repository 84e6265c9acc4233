import { Client as Channel, credentials, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import type { Client } from './client.ts';
import type { Outcome, Target } from './wire.ts';

const nowhere = { port: null };
const hungMs = 15_000;

/** Calls on a channel that lives as long as the client, one after the other. It makes what was never begun again, and nothing else. */
export async function grpc(client: Client): Promise<void> {
  const channel = open(client.target);
  for (let number = 1; client.running; number++) {
    client.begin();
    const { outcome, detail } = await call(channel, String(number));
    client.count(outcome, nowhere, detail);
    await client.think(Math.random() * 20);
  }
  channel.close();
}

/** A stream of numbers. Its end in order and UNAVAILABLE send the client elsewhere; a gap, another end or silence is a loss. */
export async function grpcStream(client: Client): Promise<void> {
  const channel = open(client.target);
  while (client.running) {
    await follow(client, channel);
    await client.think(5);
  }
  channel.close();
}

function open(target: Target): Channel {
  if ('path' in target) throw new Error('grpc: not on a Unix socket');
  // One connection each: channels to the same address share one otherwise.
  return new Channel(`127.0.0.1:${target.port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
}

const bytes = (value: Buffer) => value;

function call(channel: Channel, text: string): Promise<{ outcome: Outcome; detail: string }> {
  return new Promise((resolve) => {
    const deadline = Date.now() + hungMs;
    channel.makeUnaryRequest(
      '/test.Test/Echo',
      bytes,
      bytes,
      Buffer.from(text),
      { deadline },
      (error: ServiceError | null, answer?: Buffer) => {
        if (error) resolve({ outcome: outcomeOf(error), detail: error.message });
        else resolve({ outcome: String(answer) === text ? 'ok' : 'torn', detail: `${answer} instead of ${text}` });
      },
    );
  });
}

function follow(client: Client, channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    const stream = channel.makeServerStreamRequest('/test.Test/Count', bytes, bytes, Buffer.alloc(0));
    const hung = setTimeout(() => stream.cancel(), hungMs);
    let number = 0;
    client.begin();
    stream.on('data', (data: Buffer) => {
      hung.refresh();
      number += 1;
      client.count(String(data) === String(number) ? 'ok' : 'torn', nowhere, `${data} instead of ${number}`);
      client.begin();
      if (client.mode === 'stop') stream.cancel();
    });
    stream.on('error', () => {});
    // Always the last event, with an error or without.
    stream.on('status', (end: StatusObject) => {
      clearTimeout(hung);
      const expected = end.code === status.OK || end.code === status.UNAVAILABLE || client.mode === 'stop';
      client.count(expected ? 'again' : outcomeOf(end), nowhere, `stream: ${end.code} ${end.details}`);
      resolve();
    });
  });
}

function outcomeOf({ code, details }: StatusObject): Exclude<Outcome, 'ok'> {
  if (code === status.DEADLINE_EXCEEDED || code === status.CANCELLED) return 'hung';
  if (code !== status.UNAVAILABLE) return 'torn';
  return /ECONNREFUSED/.test(details) ? 'refused' : 'reset';
}
