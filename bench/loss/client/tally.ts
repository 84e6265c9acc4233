import type { Loss, Outcome } from './wire.ts';

export interface LostRequest {
  outcome: Loss;
  detail: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The client's port of its connection; null when there was none. */
  port: number | null;
}

/** What became of the requests of one kind. */
export interface Tally extends Record<Outcome, number> {
  /** To be sent again, by the rules of the protocol: after GOAWAY, `Connection: close`, a WebSocket's 1001. Not lost. */
  again: number;
  /** In flight now. */
  open: number;
  /** Each loss, up to `lossesKept`. */
  losses: LostRequest[];
}

/** More than any event that kills a worker costs. */
export const lossesKept = 1_000;

export const emptyTally = (): Tally => ({
  ok: 0,
  refused: 0,
  reset: 0,
  empty: 0,
  torn: 0,
  hung: 0,
  again: 0,
  open: 0,
  losses: [],
});

export function lost({ refused, reset, empty, torn, hung }: Tally): number {
  return refused + reset + empty + torn + hung;
}
