import type { Outcome } from './wire.ts';

/** What became of the requests of one kind. */
export interface Tally extends Record<Outcome, number> {
  /** To be sent again, by the rules of the protocol: after GOAWAY, `Connection: close`, a WebSocket's 1001. Not lost. */
  again: number;
  /** In flight now. */
  open: number;
  /** The first losses, for people. */
  losses: string[];
}

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
