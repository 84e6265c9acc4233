import { connectionTexts } from '../../../protocol/counts.ts';
import type { HeldConnections } from '../../worker-link.ts';
import { type Draft, emit } from './draft.ts';
import { longestPauseMs, waitingMs } from './limits.ts';
import type { Leaving, State, Worker } from './state.ts';
import { isUntold } from './turns.ts';

/** Tells for what it is waited while workers leave: one line for all of them, and again when that changes or ever less often. */

type LeavingWorker = Worker & { leaving: Leaving };

/** Those that are being killed already need no words. */
function leavingOf({ workers }: State): LeavingWorker[] {
  return workers.filter(
    (worker): worker is LeavingWorker =>
      worker.state === 'dying' && worker.leaving !== null && worker.kill?.signal !== 'SIGKILL',
  );
}

/** Sees to it that it is looked at when the first of them has been leaving for 5 s. */
export function watchLeaving({ state }: Draft): void {
  const leaving = leavingOf(state);
  if (leaving.length === 0) state.waiting = null;
  else state.waiting ??= { at: firstLook(leaving), told: '', againAt: 0, pauseMs: waitingMs };
}

function firstLook(leaving: LeavingWorker[]): number {
  return Math.min(...leaving.map(({ leaving: { since } }) => since)) + waitingMs;
}

export function tellWaiting(draft: Draft): void {
  const { state, now } = draft;
  const { waiting } = state;
  if (waiting === null) return;
  const leaving = leavingOf(state);
  const late = leaving.filter(({ leaving: { since } }) => since + waitingMs <= now);
  if (late.length === 0) {
    state.waiting = leaving.length === 0 ? null : { ...waiting, at: firstLook(leaving) };
    return;
  }
  const at = now + waitingMs;
  const { counts, others } = reasonsOf(late);
  // How many connections there are changes all the time, and is no news.
  const kinds = entriesOf(counts).flatMap(([kind, count]) => (count > 0 ? kind : []));
  const told = [late.length, ...kinds, ...others].join();
  if (told === waiting.told && now < waiting.againAt) {
    state.waiting = { ...waiting, at };
    return;
  }
  const pauseMs = Math.min(waiting.pauseMs * 2, longestPauseMs);
  state.waiting = { at, told, againAt: now + waiting.pauseMs, pauseMs };
  emit(draft, 'Status', late.length === 1 ? late[0] : undefined, { note: noteOf(draft, late) });
}

function noteOf({ state, now }: Draft, late: LeavingWorker[]): string {
  const { counts, others } = reasonsOf(late);
  const who = late.length === 1 ? 'it still waits' : `${late.length} workers still wait`;
  return `${who} for ${[...connectionTexts(counts), ...others].join(', ')}, ${untilText(state, late, now)}${remedy(state)}`;
}

function reasonsOf(late: LeavingWorker[]): { counts: Partial<HeldConnections>; others: Set<string> } {
  const counts: Partial<HeldConnections> = {};
  const others = new Set<string>();
  for (const worker of late) {
    const { leaving } = worker;
    const texts = connectionTexts(leaving.holding ?? {});
    if (isUntold(worker)) others.add('others that leave first');
    else if (!leaving.answered) others.add('an event loop that is blocked');
    else if (leaving.by === 'app') others.add("the application, which handles 'shutdown' itself");
    else if (texts.length === 0) others.add('the process to end');
    else for (const [key, n] of entriesOf(leaving.holding)) counts[key] = (counts[key] ?? 0) + n;
  }
  return { counts, others };
}

function entriesOf(holding: Partial<HeldConnections> | null): [keyof HeldConnections, number][] {
  return Object.entries(holding ?? {}) as [keyof HeldConnections, number][];
}

/** The end comes with the last drain deadline, or with that of the operation. */
function untilText({ operation }: State, late: LeavingWorker[], now: number): string {
  const ends = late.map(({ kill }) => kill?.at ?? Number.POSITIVE_INFINITY);
  const end = Math.min(Math.max(...ends), operation?.deadline ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(end) ? `${Math.ceil((end - now) / 1000)} s at most` : 'without a limit';
}

function remedy({ operation }: State): string {
  if (operation?.type === 'stop') return '; naught stop --timeout 1 ends it';
  if (operation?.phase === 'old')
    return '; naught deploy-abort ends it, and with --wait-old false a deploy does not wait';
  if (operation?.phase === 'undo') return '; naught deploy-abort ends it';
  return '; --drain-timeout limits it';
}
