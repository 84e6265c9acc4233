import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './calls.ts';
import { CallError, type ErrorKind } from './errors.ts';
import { CutShort } from './wire.ts';

/** How often in a row a stream is asked for again that brings nothing new, and the milliseconds before the first time. */
const mostAttempts = 5;
const firstWaitMs = 50;

/** How far a follower has come. */
interface Progress {
  since: number;
  /** Streams in a row that brought nothing. */
  attempts: number;
}

/**
 * A call whose events go on where its connection broke: the control process that answered may have died, and another takes its place.
 * `again` asks for what comes after the event of a number; what is told twice is yielded once. Throws that the answer was cut short when
 * nobody is there any more, or when there was no event yet from which to go on.
 */
export async function* resumed<Result, Yielded>(
  first: Call<Result, Yielded>,
  again: (since: number) => Call<Result, Yielded>,
): Call<Result, Yielded> {
  const progress: Progress = { since: 0, attempts: 0 };
  let cut: CutShort | undefined;
  for (let call = first; ; call = again(progress.since)) {
    try {
      return yield* unseen(call, progress);
    } catch (error) {
      cut = cutOr(error, cut);
      if (progress.since === 0 || ++progress.attempts > mostAttempts) throw cut;
    }
    await sleep(firstWaitMs * 2 ** progress.attempts);
  }
}

/** The events that come after those that were seen. */
async function* unseen<Result, Yielded>(call: Call<Result, Yielded>, progress: Progress): Call<Result, Yielded> {
  try {
    for (;;) {
      const step = await call.next();
      if (step.done) return step.value;
      const { seq } = step.value as { seq?: number };
      if (seq !== undefined && seq <= progress.since) continue;
      Object.assign(progress, { since: seq ?? progress.since, attempts: 0 });
      yield step.value;
    }
  } finally {
    await call.return(undefined as never);
  }
}

/** Nobody is there to go on with, or nobody who knows the operation. */
const lost: unknown[] = ['unavailable', 'no-operation', 'method-not-found'] satisfies ErrorKind[];

/** The cut itself. That it cannot be gone on with is told by the cut before; any other error ends the call. */
function cutOr(error: unknown, former: CutShort | undefined): CutShort {
  if (error instanceof CutShort) return error;
  throw former && error instanceof CallError && lost.includes(error.kind) ? former : error;
}
