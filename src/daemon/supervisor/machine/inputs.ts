import type { HeldConnections } from '../../worker-link.ts';
import type { BadAnswer } from './health-check.ts';
import type { Exit, Release } from './state.ts';
import type { Answers, Strategy } from './strategy/strategy.ts';

/** What the machine is told. */

/** Where a server listens. */
export type Served = { port: number } | { path: string };

/** What a worker says while it leaves. */
export type Speech =
  /** The drain has begun, what it still waits for, and that 'shutdown' may be sent. */
  | { type: 'draining' | 'holding' | 'drained'; worker: number; left?: HeldConnections }
  /** 'shutdown' was delivered. by: who ends the process. */
  | { type: 'leaving'; worker: number; by: 'preload' | 'app' };

/** The end of a probe. */
export interface Probed extends BadAnswer {
  type: 'probed';
  worker: number;
  probe: number;
}

export interface Beginning {
  type: 'boot' | 'deploy';
  release: Release;
  timeoutMs?: number | null;
  waitOld?: boolean;
  strategy?: Strategy;
  /** Those of the release alone that get a new worker; the others keep theirs. */
  slots?: readonly number[];
}

export type Input =
  | Beginning
  /** promote: the bake in progress ends well, now. */
  | { type: 'abort' | 'promote' }
  | { type: 'stop'; timeoutMs: number | null }
  /** listening: seen by the supervisor, maybe before the worker can answer there. */
  | { type: 'online' | 'offline' | 'listening' | 'disconnect'; worker: number }
  /** It boots, and hardly uses the CPU. */
  | { type: 'rests'; worker: number }
  | { type: 'serving'; worker: number; at: Served }
  | Speech
  | Probed
  /** Since its start; errors: with 5xx. */
  | ({ type: 'answers'; worker: number } & Answers)
  | { type: 'exit'; worker: number; exit: Exit }
  /** A deadline of `nextDeadline` has come. */
  | { type: 'tick' };
