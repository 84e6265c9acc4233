import fc from 'fast-check';
import type { Settings } from '../../../../src/daemon/supervisor/machine/state.ts';
import { allAtOnce, type Strategy } from '../../../../src/daemon/supervisor/machine/strategy/strategy.ts';

/** What can happen. A move picks its worker by an index into those that are alive, so that every move means something in every state. */
const whats = [
  'online',
  'exit',
  'offline',
  'listening',
  'rests',
  'serving',
  'elsewhere',
  'draining',
  'holding',
  'drained',
  'preload',
  'app',
  'disconnect',
  'well',
  'ill',
] as const;
export type What = (typeof whats)[number];

export type Move =
  | {
      move: 'worker';
      pick: number;
      what: What;
    }
  | {
      move: 'deploy';
      count: number;
      timeout: number | null;
      waitOld: boolean;
      strategy: Strategy;
      /** Of the current release, in some slots alone, or in those that another count adds; null: another release. */
      slots: number[] | 'scale' | null;
    }
  | { move: 'abort' }
  | { move: 'promote' }
  | { move: 'answers'; pick: number; total: number; errors: number }
  | { move: 'stop'; timeout: number | null }
  | { move: 'pass'; ms: number };

const timeout = fc.option(fc.integer({ min: 0, max: 2_000 }));
const what = fc.constantFrom<What>('online', 'online', 'online', 'well', 'well', 'ill', 'exit', 'exit', ...whats);
export const settings: fc.Arbitrary<Settings> = fc.record({
  onlineOn: fc.constantFrom('auto', 'auto', 'message', 'listening', 'listening:8080'),
  drain: fc.constantFrom('auto', 'auto', 'app'),
  bootParallel: fc.constantFrom(Number.POSITIVE_INFINITY, 1, 2),
  loadParallel: fc.constantFrom(Number.POSITIVE_INFINITY, 1),
  leaveParallel: fc.constantFrom(Number.POSITIVE_INFINITY, 1),
  drainTimeoutMs: fc.constantFrom<Settings['drainTimeoutMs']>('default', 'default', 2_000),
});

const health = { path: '/health', timeoutMs: 1_000 };
const strategy: fc.Arbitrary<Strategy> = fc.oneof(
  fc.constant(allAtOnce),
  fc.record({
    surge: fc.constantFrom(1, 1, 2, Number.POSITIVE_INFINITY),
    canary: fc.constantFrom(0, 1, 2),
    bakeMs: fc.constantFrom(0, 100, 5_000),
    maxErrors: fc.constant(0.05),
    health: fc.constantFrom(null, { ...health, everyMs: null }, { ...health, everyMs: 500 }),
  }),
);

export const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ move: fc.constant('worker' as const), pick: fc.nat(20), what }) },
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('deploy' as const),
      count: fc.integer({ min: 1, max: 4 }),
      timeout,
      waitOld: fc.boolean(),
      strategy,
      slots: fc.option(fc.oneof(fc.uniqueArray(fc.nat(3), { minLength: 1 }), fc.constant('scale' as const)), {
        freq: 4,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      move: fc.constant('answers' as const),
      pick: fc.nat(20),
      total: fc.constantFrom(1, 20, 100),
      errors: fc.constantFrom(0, 0, 1, 20),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ move: 'promote' as const }) },
  { weight: 1, arbitrary: fc.constant({ move: 'abort' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ move: fc.constant('pass' as const), ms: fc.constantFrom(1, 100, 1_000, 30_000) }),
  },
);
/** How a walk ends: with a stop, or not. */
export const last: fc.Arbitrary<Move[]> = fc.oneof(
  fc.constant<Move[]>([]),
  fc.record({ move: fc.constant('stop' as const), timeout }).map((stop) => [stop]),
);
