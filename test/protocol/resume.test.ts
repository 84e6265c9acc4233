import { expect, test } from 'vitest';
import type { Call } from '../../src/protocol/calls.ts';
import { CallError, type ErrorKind } from '../../src/protocol/errors.ts';
import { resumed } from '../../src/protocol/resume.ts';
import { CutShort } from '../../src/protocol/wire.ts';

type Numbered = { seq: number };

/** A stream of these events, and its end. */
async function* stream(seqs: number[], end: string | Error): Call<string, Numbered> {
  for (const seq of seqs) yield { seq };
  if (end instanceof Error) throw end;
  return end;
}

/** What a call comes to whose streams are these, one after the other. */
async function follow(...streams: [seqs: number[], end: string | Error][]) {
  const asked: number[] = [];
  const [first = [[], ''], ...others] = streams;
  const call = resumed(stream(...first), (since) => {
    asked.push(since);
    return stream(...(others.shift() ?? [[], new CallError('unavailable', 'nobody')]));
  });
  const seqs: number[] = [];
  try {
    for (;;) {
      const step = await call.next();
      if (step.done) return { asked, seqs, result: step.value };
      seqs.push(step.value.seq);
    }
  } catch (error) {
    return { asked, seqs, error };
  }
}

test('a stream that was cut goes on after its last event, each event once', async () => {
  const cut = new CutShort();
  expect(await follow([[3, 4], cut], [[4, 5], cut], [[6], 'end'])).toEqual({
    asked: [4, 5],
    seqs: [3, 4, 5, 6],
    result: 'end',
  });
});

test('one without an event yet, of which nobody knows what it is, does not', async () => {
  const cut = new CutShort();
  expect(await follow([[], cut])).toEqual({ asked: [], seqs: [], error: cut });
});

test.each<ErrorKind>(['unavailable', 'no-operation', 'method-not-found'])(
  'that it cannot go on (%s) is told as the cut that it was',
  async (kind) => {
    const cut = new CutShort();
    expect(await follow([[1], cut], [[], new CallError(kind)])).toEqual({ asked: [1], seqs: [1], error: cut });
  },
);

test('an error of the operation is no cut', async () => {
  const failed = new CallError('deploy-failed');
  expect(await follow([[1], new CutShort()], [[], failed])).toMatchObject({ error: failed });
  expect(await follow([[1], failed])).toMatchObject({ asked: [], error: failed });
});

test('it is not asked for without end where nothing new comes', async () => {
  const cut = new CutShort();
  const { asked, error } = await follow(...Array.from({ length: 9 }, (): [number[], Error] => [[1], cut]));
  expect(asked).toEqual([1, 1, 1, 1, 1]);
  expect(error).toBe(cut);
});
