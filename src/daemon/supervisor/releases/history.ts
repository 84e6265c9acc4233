import { CallError, type ErrorKind } from '../../../protocol/errors.ts';
import type { ChangedVariables, ReleaseEntry, Releases } from '../../../protocol/release-schemas.ts';
import type { EventName } from '../../../protocol/schemas.ts';
import type { Effect } from '../machine/effects.ts';
import type { Failure, Release } from '../machine/state.ts';
import { changedVariables } from './changes.ts';
import { type Runnable, shownOf } from './release.ts';

/** How a release was made. */
export type Origin = Pick<ReleaseEntry, 'type' | 'of'>;

interface Kept {
  readonly origin: Origin;
  readonly time: string;
  /** Against the release that was current when it began. */
  readonly environment: ChangedVariables;
  /** Whole where one can go back to it: of one that failed nobody needs the environment. */
  release: Release;
  state: ReleaseEntry['state'];
  reason?: string;
  servedMs: number;
  /** Since when it serves, on the clock of `now`. */
  since: number | null;
}

/** Before a release is current they say that some of its workers serve in the place of old ones, or are watched beside them. */
const servingEvents = new Set<EventName>(['ShutdownOld', 'Bake']);

/**
 * The releases of this daemon, in the order in which they began. A boot, deploy or rollback opens one, which then fails or becomes
 * current; a restart or another count is of the current one, and opens none. It has no clock: `now` is in milliseconds of any that
 * never goes back.
 */
export class History {
  readonly #kept: Kept[] = [];
  /** The highest number so far. */
  #last = 0;
  /** Of the operation in progress. */
  #open: Kept | null = null;
  #current: Release | null = null;

  /** `most`: how many are kept. */
  constructor(private readonly most: number) {}

  /** The number that the next one gets: each has its own, that failed or not. */
  get next(): number {
    return this.#last + 1;
  }

  /** To be called before its operation is begun, and to be withdrawn when that is refused. `time`: of day, for people. */
  open(runnable: Runnable, origin: Origin, time: string): Release {
    const release = { ...runnable, number: this.next };
    const environment = changedVariables(this.#current?.environment ?? {}, release.environment);
    this.#last = release.number;
    this.#kept.push({ origin, time, environment, release, state: 'deploying', servedMs: 0, since: null });
    return release;
  }

  /** Takes note of a step of the machine: what is current now, and the effects of the step, performed or not. */
  follow(current: Release | null, effects: readonly Effect[], now: number): void {
    this.observe(current, now);
    for (const effect of effects) {
      if (effect.type === 'begin') this.begin();
      else if (effect.type === 'emit' && servingEvents.has(effect.event)) this.serve(now);
      else if (effect.type === 'end') this.close(effect.kind, effect.failure, now);
    }
  }

  /** An operation has begun: that for which the last one was opened, if it was. */
  begin(): void {
    this.#open = this.#kept.findLast(({ state }) => state === 'deploying') ?? null;
  }

  /** The last one that was opened: its operation never began. */
  withdraw(): void {
    this.#kept.pop();
    this.#last--;
  }

  /** Takes note of what is current now. */
  observe(current: Release | null, now: number): void {
    if (current === this.#current) return;
    const former = this.#current && this.#find(this.#current.number);
    this.#current = current;
    const kept = current && this.#find(current.number);
    if (former && former !== kept) rest(former, now);
    if (!kept || !current) return;
    kept.release = current;
    kept.state = 'serving';
    kept.since ??= now;
  }

  /** Some of its workers take the place of old ones, or are watched beside them, before it is current. */
  serve(now: number): void {
    if (this.#open) this.#open.since ??= now;
  }

  /** The operation in progress is over; with a kind it ended badly. */
  close(kind: ErrorKind | undefined, failure: Failure | undefined, now: number): void {
    const open = this.#open;
    this.#open = null;
    if (open && kind && open.state !== 'serving') {
      const aborted = failure === undefined || failure.type === 'aborted';
      const hasServed = open.since !== null;
      rest(open, now);
      open.state = hasServed ? 'undone' : aborted ? 'aborted' : 'failed';
      if (failure && (hasServed || !aborted)) open.reason = failure.type;
      open.release = { ...open.release, environment: {} };
    }
    while (this.#kept.length > this.most) this.#drop();
  }

  /**
   * The release of this number, without one that which served before the current one. Throws `no-former-release` when one cannot go
   * back to it.
   */
  former(number?: number): Release {
    const kept = number === undefined ? this.#before : this.#find(number);
    if (kept?.state === 'replaced') return kept.release;
    throw new CallError('no-former-release', this.#whyNot(number, kept));
  }

  list(now: number): Releases {
    const releases = this.#kept.map((kept) => entryOf(kept, now)).reverse();
    return { current: this.#current?.number ?? 0, kept: this.most, releases };
  }

  get #before(): Kept | undefined {
    return this.#kept.findLast(({ state }) => state === 'replaced');
  }

  #find(number: number): Kept | undefined {
    return this.#kept.find(({ release }) => release.number === number);
  }

  #whyNot(number: number | undefined, kept: Kept | undefined): string {
    if (number === undefined) return 'no release served before the current one';
    switch (kept?.state) {
      case undefined:
        return `there is no release ${number}; naught releases shows those that are kept`;
      case 'serving':
        return `release ${number} is the current one; naught restart starts its workers again`;
      case 'deploying':
        return `release ${number} is being deployed`;
      case 'aborted':
        return `release ${number} was aborted: it never served`;
      case 'undone':
        return `release ${number} was undone`;
      default:
        return `release ${number} failed: it never served`;
    }
  }

  /** The oldest of those that matter least. */
  #drop(): void {
    const worth = this.#kept.map((kept) => this.#worth(kept));
    this.#kept.splice(worth.indexOf(Math.min(...worth)), 1);
  }

  /**
   * Those that failed go first, so that no series of them takes away what one can go back to; but what happened last is to be seen,
   * as long as there are older releases than the last one that served.
   */
  #worth(kept: Kept): number {
    const isBefore = kept === this.#before;
    if (kept.state === 'serving' || kept.state === 'deploying') return 4;
    if (kept.state === 'replaced') return isBefore ? 3 : 1;
    return kept === this.#kept.at(-1) ? 2 : 0;
  }
}

function rest(kept: Kept, now: number): void {
  kept.servedMs += now - (kept.since ?? now);
  kept.since = null;
  kept.state = 'replaced';
}

function entryOf({ origin, time, environment, release, state, reason, servedMs, since }: Kept, now: number) {
  const ms = servedMs + (since === null ? 0 : now - since);
  return {
    release: release.number,
    ...origin,
    time,
    state,
    ...(reason === undefined ? {} : { reason }),
    served: Math.round(ms) / 1000,
    ...shownOf(release),
    environment,
  };
}
