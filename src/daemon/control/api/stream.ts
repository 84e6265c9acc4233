import type { FastifyReply } from 'fastify';
import type { Call } from '../../../protocol/calls.ts';
import { CallError } from '../../../protocol/errors.ts';
import { mediaTypes } from '../../../protocol/table.ts';
import { encodeLine } from '../../../protocol/wire.ts';
import { LineStream } from './line-stream.ts';

/** A call's signal: aborted when its client leaves. A generator that waits is not ended by anything else. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort(new CallError('unavailable', 'the client left')));
  return controller.signal;
}

/**
 * Streams a call as NDJSON. Its first item is pulled before the status is chosen, so that a refusal is a real 4xx (it throws);
 * what goes wrong later is the stream's last line.
 */
export async function sendStream<Result>(reply: FastifyReply, call: Call<Result, unknown>): Promise<FastifyReply> {
  const first = await call.next();
  return sendLines(reply, lines(first, call));
}

export function sendLines(reply: FastifyReply, lines: AsyncGenerator<string>): FastifyReply {
  return reply
    .header('content-type', mediaTypes.ndjson)
    .header('cache-control', 'no-store')
    .send(new LineStream(lines));
}

async function* lines<Result>(
  first: IteratorResult<unknown, Result>,
  call: Call<Result, unknown>,
): AsyncGenerator<string> {
  try {
    let item = first;
    for (; !item.done; item = await call.next()) yield encodeLine(item.value);
    yield encodeLine({ result: item.value });
  } catch (error) {
    yield encodeLine({ error: CallError.from(error).toWire() });
  }
}

/** Runs a call to its end, for a client that wants the result alone. */
export async function resultOf<Result>(call: Call<Result, unknown>): Promise<Result> {
  for (;;) {
    const item = await call.next();
    if (item.done) return item.value;
  }
}
