import { expect, test } from 'vitest';
import { Engine } from '../../src/daemon/supervisor/engine.ts';
import type { Effect } from '../../src/daemon/supervisor/machine/effects.ts';
import type { Input } from '../../src/daemon/supervisor/machine/inputs.ts';
import { release } from './machine/support.ts';

function engine(onSpawn: (worker: number, engine: Engine) => void = () => {}) {
  const done: string[] = [];
  const breaths: (() => void)[] = [];
  const engine: Engine = new Engine(
    { onlineOn: 'auto', drain: 'auto', drainTimeoutMs: 'default', bootParallel: 8, loadParallel: 2, leaveParallel: 2 },
    {
      stepped() {},
      perform(effect: Effect) {
        if (effect.type === 'emit') done.push(`${effect.event} ${effect.worker ?? ''}`.trim());
        else done.push('worker' in effect ? `${effect.type} ${effect.worker}` : effect.type);
        if (effect.type === 'spawn') onSpawn(effect.worker, engine);
      },
      onError: (error) => expect.unreachable(String(error)),
      breathe: () => new Promise<void>((over) => breaths.push(over)),
    },
  );
  const feed = (input: Input) => {
    engine.feed(input);
    return done.splice(0);
  };
  /** Lets the next worker be spawned. */
  const breathe = async () => {
    breaths.shift()?.();
    await new Promise(setImmediate);
    return done.splice(0);
  };
  return { engine, feed, breathe };
}

test('lets the loop turn between two spawns, and keeps the order of what happens meanwhile', async () => {
  const { engine: subject, feed, breathe } = engine();
  expect(feed({ type: 'boot', release: release(1, 3) })).toEqual(['begin', 'Bootup', 'spawn 1', 'SpawnNew 1']);
  expect(feed({ type: 'online', worker: 1 })).toEqual([]);
  expect(feed({ type: 'stop', timeoutMs: null })).toEqual([]);
  let performed = false;
  void subject.performed.then(() => {
    performed = true;
  });
  expect(await breathe()).toEqual(['spawn 2', 'SpawnNew 2']);
  expect(performed).toBe(false);
  expect((await breathe()).slice(0, 5)).toEqual(['spawn 3', 'SpawnNew 3', 'NewOnline 1', 'end', 'begin']);
  expect(performed).toBe(true);
});

test('performs what a worker that could not be started leads to after what came before', async () => {
  const exit = { code: null, signal: null, error: 'spawn EAGAIN' };
  const { feed, breathe } = engine((worker, busy) => {
    if (worker === 1) busy.feed({ type: 'exit', worker, exit });
  });
  expect(feed({ type: 'boot', release: release(1, 2) })).toEqual(['begin', 'Bootup', 'spawn 1', 'SpawnNew 1']);
  expect(await breathe()).toEqual(['spawn 2', 'SpawnNew 2', 'NewDeath 1']);
});

test('goes on when it could not breathe', async () => {
  const told: unknown[] = [];
  const spawned: number[] = [];
  const subject: Engine = new Engine(
    { onlineOn: 'auto', drain: 'auto', drainTimeoutMs: 'default', bootParallel: 8, loadParallel: 2, leaveParallel: 2 },
    {
      perform: (effect) => effect.type === 'spawn' && spawned.push(effect.worker),
      stepped: () => {},
      onError: (error) => told.push(error),
      breathe: () => Promise.reject(new Error('no air')),
    },
  );
  subject.feed({ type: 'boot', release: release(1, 3) });
  await subject.performed;
  expect(spawned).toEqual([1, 2, 3]);
  expect(told).toEqual([new Error('no air'), new Error('no air')]);
});
