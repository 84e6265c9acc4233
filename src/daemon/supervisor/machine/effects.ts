import type { ErrorKind } from '../../../protocol/errors.ts';
import type { Count, EventName, WaitingFor } from '../../../protocol/schemas.ts';
import type { OperationKind } from '../../control-link.ts';
import type { Exit, Failure, Release } from './state.ts';

/** What the machine has done. */

/** What more there is to say of an event. */
export interface Details {
  exit?: Exit;
  note?: string;
}

export type Effect =
  | { type: 'begin'; operation: number; kind: OperationKind }
  /** The call is about the operation in progress. */
  | { type: 'join'; operation: number }
  | { type: 'refuse'; kind: ErrorKind }
  | { type: 'end'; kind?: ErrorKind; failure?: Failure }
  | ({ type: 'emit'; event: EventName; count: Count; waitingFor: WaitingFor; worker?: number } & Details)
  | { type: 'spawn'; worker: number; slot: number; release: Release }
  /** Give it no more connections. */
  | { type: 'dismiss'; worker: number }
  /** Have those that it has end; it answers `drained`. */
  | { type: 'drain'; worker: number }
  /** Send 'shutdown'; it answers `leaving`. */
  | { type: 'shutdown'; worker: number }
  /** Ask its own server; it answers `probed`. */
  | { type: 'probe'; worker: number; probe: number; path: string; timeoutMs: number }
  | { type: 'kill'; worker: number; signal: 'SIGTERM' | 'SIGKILL' }
  | { type: 'exit'; code: number };
