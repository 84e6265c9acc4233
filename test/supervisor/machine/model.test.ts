import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { last, move, settings } from './model/moves.ts';
import { outlast, settle, Walk } from './model/walk.ts';
import { release } from './support.ts';

/** Walks random interleavings of everything that can happen, and asserts what must always hold. The daily loop walks a part of it (`npm run test:unit`). */
const share = Number(process.env.WALKS ?? 1);

const workers = fc.integer({ min: 1, max: 4 });

describe('the machine, in random interleavings', () => {
  it('keeps what must always hold, and comes to rest when everybody does what he is asked', () => {
    fc.assert(
      fc.property(workers, settings, fc.array(move, { maxLength: 60 }), last, (count, options, moves, end) => {
        const walk = new Walk(options).boot(count);
        for (const each of [...moves, ...end]) walk.make(each);
        settle(walk);
        const { state } = walk;
        expect(state.operation).toBeNull();
        if (end.length > 0) expect(state.workers).toEqual([]);
        else {
          const online = state.workers.filter((worker) => worker.state === 'online');
          expect(online).toHaveLength(state.current?.workerCount ?? -1);
          for (const worker of online) expect(worker.release.number).toBe(state.current?.number);
          expect(new Set(online.map(({ slot }) => slot)).size).toBe(online.length);
        }
        expect(state.over).toBe(end.length > 0);
      }),
      { numRuns: 12_000 * share },
    );
  });

  it('outlives each worker that was asked to leave and says nothing, but for one that said that it ends by itself', () => {
    fc.assert(
      fc.property(workers, settings, fc.array(move, { maxLength: 40 }), (count, options, moves) => {
        const walk = new Walk(options).boot(count);
        for (const each of moves) walk.make(each);
        const leaving = walk.state.workers.filter((worker) => worker.leaving && worker.leaving.by !== 'app');
        const { operation } = walk.state;
        outlast(walk);
        const left = new Set(walk.state.workers.map(({ id }) => id));
        expect(leaving.filter(({ id }) => left.has(id))).toEqual([]);
        // A deploy with a time comes to its end then, whoever obeys.
        if (operation?.deadline != null) expect(walk.state.operation?.id).not.toBe(operation.id);
      }),
      { numRuns: 2_000 * share },
    );
  });

  it('never throws, whatever comes before the boot', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
        const walk = new Walk();
        walk.feed({ type: 'boot', release: release(1, 2) });
        for (const each of moves) walk.make(each);
      }),
      { numRuns: 2_000 * share },
    );
  });
});
