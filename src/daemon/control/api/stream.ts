import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Call } from '../../../protocol/calls.ts';
import { CallError } from '../../../protocol/errors.ts';
import { encodeLine } from '../../../protocol/wire.ts';
import { TextStream } from './text-stream.ts';
import { Turn } from './turn.ts';

/** A call's signal: aborted when its client leaves. A generator that waits is not ended by anything else. */
export function signalOf(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort(new CallError('unavailable', 'the client left')));
  return controller.signal;
}

/** Milliseconds. A client takes a daemon that does not begin to answer for one that hangs; `logs` may read for long before a line fits. */
const silenceMs = 2_000;

/**
 * Streams a text. Its first part is pulled before the status is chosen, so that a refusal is a real 4xx (it throws); what goes
 * wrong later, or after `silenceMs`, is the last line. Whichever way the answer ends, the generator has ended with it. Without a part it is a 204.
 */
export async function sendText(
  reply: FastifyReply,
  type: string,
  text: AsyncGenerator<string, void>,
): Promise<FastifyReply> {
  const pending = text.next();
  const first = await Promise.race([pending, setTimeout(silenceMs, null, { ref: false })]);
  if (first?.done) return reply.code(204).send();
  const stream = new TextStream(text, first ?? pending);
  // Fastify reads one to its end that answers a HEAD.
  reply.raw.once('close', () => stream.destroy());
  reply.header('content-type', type).header('cache-control', 'no-store').send(stream);
  if (first === null) reply.raw.flushHeaders();
  return reply;
}

/** A line for each event of a call, then one for its result, told apart by their keys. */
export async function* linesOf<Result>(call: Call<Result, unknown>): AsyncGenerator<string, void> {
  const result = yield* mapped(call, encodeLine);
  yield encodeLine({ result });
}

/**
 * A call whose events are what `change` makes of them. It ends with its reader: a generator that is pulled by hand would stay open
 * when that leaves, and so would its files.
 */
export async function* mapped<Result, From, To>(
  call: Call<Result, From>,
  change: (event: From) => To,
): Call<Result, To> {
  try {
    for (;;) {
      const item = await call.next();
      if (item.done) return item.value;
      yield change(item.value);
    }
  } finally {
    await call.return(undefined as never);
  }
}

/** Runs a call to its end, for a client that wants the result alone. Throws the signal's reason when that leaves. */
export async function resultOf<Result>(call: Call<Result, unknown>, signal: AbortSignal): Promise<Result> {
  const turn = new Turn();
  try {
    for (;;) {
      const item = await call.next();
      if (item.done) return item.value;
      signal.throwIfAborted();
      await turn.share();
    }
  } finally {
    await call.return(undefined as never);
  }
}
