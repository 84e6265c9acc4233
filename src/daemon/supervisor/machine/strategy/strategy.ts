import type { HealthCheck } from '../health-check.ts';

/** How a deploy goes about it, in whole workers and milliseconds. Parts of the state: a step replaces them, and changes nothing in them. */
export interface Strategy {
  /** How many workers there may be beyond the count, leaving ones included; Infinity: all at once, as in 1.x. */
  readonly surge: number;
  /** So many new workers serve beside all old ones first; 0: none. */
  readonly canary: number;
  /** How long the new release is watched before there is no way back; 0: not at all. */
  readonly bakeMs: number;
  /** The share of 5xx answers, from 0 to 1, above which a bake ends badly. */
  readonly maxErrors: number;
  /** How its workers are asked for their health. */
  readonly health?: HealthCheck | null;
}

/** As in 1.x: every new worker first, then the old ones go. */
export const allAtOnce: Strategy = { surge: Number.POSITIVE_INFINITY, canary: 0, bakeMs: 0, maxErrors: 1 };

/** Its events are those of 1.x, one for one. */
export function isPlain({ surge, bakeMs }: Strategy): boolean {
  return surge === Number.POSITIVE_INFINITY && bakeMs === 0;
}

/** What workers have answered; errors: with 5xx. */
export interface Answers {
  readonly total: number;
  readonly errors: number;
}

/** The new release is watched. */
export interface Bake {
  readonly since: number;
  readonly until: number;
  /** What each worker had answered when it began. */
  readonly before: Readonly<Record<number, Answers>>;
}

/** What both releases answered in a bake; the former one without a word in it is judged by all that its workers have answered. */
export interface Seen {
  readonly release: number;
  readonly now: Answers;
  readonly former: Answers;
  readonly maxErrors: number;
}
