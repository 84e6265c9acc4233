import type { Event } from '../../../protocol/schemas.ts';
import type { Leaving, OperationStatus, Status, WorkerStatus } from '../../../protocol/status-schemas.ts';

/** What a display of an operation knows: of its events, which come at once, and of the status, which says of whom nothing is heard. */
export interface LiveModel {
  readonly startedAt: number;
  workers: LiveWorker[];
  /** The last one that was told, and when that was. */
  operation: OperationStatus | null;
  operationAt: number;
  /** Number of the release that was current before it; null: not known, or none. */
  former: number | null;
  /** Number of the release that is current. */
  current: number;
  /** Workers online, by the last word. */
  online: number;
}

/** gone: its process has ended. destroyed: it is killed, as the operation is given up. */
export type LiveState = WorkerStatus['state'] | 'destroyed' | 'gone';

export interface LiveWorker {
  readonly slot: number;
  readonly pid: number;
  side: 'old' | 'new';
  state: LiveState;
  /** Milliseconds, on the clock of the display: since it is in this state; of one that serves, since it was started. */
  since: number;
  listening: boolean;
  leaving: Leaving | null;
  /** When `leaving` was told. */
  leavingAt: number;
  /** How it ended, when that was not in good order. */
  exit: string | null;
}

export const newModel = (now: number): LiveModel => ({
  startedAt: now,
  workers: [],
  operation: null,
  operationAt: now,
  former: null,
  current: 0,
  online: 0,
});

/** What an event says of the state of its worker. */
const statesTold: Record<string, LiveState> = {
  SpawnNew: 'booting',
  NewOnline: 'new_online',
  WorkerOnline: 'online',
  ShutdownOld: 'dying',
  WorkerOffline: 'dying',
  DestroyNew: 'destroyed',
  NewDeath: 'gone',
  OldExit: 'gone',
  NewDestroyed: 'gone',
  WorkerDeath: 'gone',
};

/** Workers go through these in order: a status that was on its way while an event came is late, and changes nothing. */
const order: LiveState[] = ['waiting', 'booting', 'new_online', 'online', 'dying', 'destroyed', 'gone'];

export function applyEvent(model: LiveModel, { event, worker: told, count }: Event, now: number): void {
  model.online = count.online + count.new_online;
  const state = statesTold[event];
  if (state === undefined || told?.pid === undefined) return;
  const worker = find(model, told.slot, told.pid) ?? add(model, told.slot, told.pid, sideBy(event), now);
  enter(worker, state, now);
  if (state === 'gone') worker.exit = exitOf(told);
}

export function applyStatus(model: LiveModel, status: Status, now: number): void {
  const { operation, workers, count, release } = status;
  model.online = count.online + count.new_online;
  if (operation) {
    model.operation = operation;
    model.operationAt = now;
  }
  model.former ??= operation?.from ?? null;
  model.current = release;
  for (const told of workers)
    if (told.pid !== undefined) applyWorker(model, { ...told, pid: told.pid }, operation !== undefined, now);
}

/** operates: which of them are new is known while the operation lasts, and not any more afterwards. */
function applyWorker(model: LiveModel, told: WorkerStatus & { pid: number }, operates: boolean, now: number): void {
  const { slot, pid, state, uptime = 0, listening, leaving, candidate } = told;
  const side = candidate ? 'new' : 'old';
  const worker = find(model, slot, pid) ?? add(model, slot, pid, side, now);
  if (operates) worker.side = side;
  if (order.indexOf(state) < order.indexOf(worker.state)) return;
  enter(worker, state, now);
  worker.listening = listening === true;
  worker.leaving = leaving ?? null;
  worker.leavingAt = now;
  worker.since = now - 1_000 * (leaving?.since ?? uptime);
}

/** The seconds that the operation has taken. */
export const elapsed = ({ startedAt }: LiveModel, now: number): number => (now - startedAt) / 1_000;

/** The seconds left of what had so many at a time; null: no limit. */
export function leftOf(limit: number | null | undefined, toldAt: number, now: number): number | null {
  return limit == null ? null : Math.max(0, limit - (now - toldAt) / 1_000);
}

const find = ({ workers }: LiveModel, slot: number, pid: number) =>
  workers.find((each) => each.slot === slot && each.pid === pid && each.state !== 'gone');

function add({ workers }: LiveModel, slot: number, pid: number, side: LiveWorker['side'], now: number): LiveWorker {
  const unknown = {
    state: 'waiting',
    since: now,
    listening: false,
    leaving: null,
    leavingAt: now,
    exit: null,
  } as const;
  const worker: LiveWorker = { slot, pid, side, ...unknown };
  workers.push(worker);
  return worker;
}

/** Until a status says it. */
const sideBy = (event: string): LiveWorker['side'] => (/New/.test(event) ? 'new' : 'old');

function enter(worker: LiveWorker, state: LiveState, now: number): void {
  if (worker.state === state) return;
  const serves = (each: LiveState) => ['booting', 'new_online', 'online'].includes(each);
  if (!serves(worker.state) || !serves(state)) worker.since = now;
  worker.state = state;
}

function exitOf({ exitCode, signal }: { exitCode?: number; signal?: string }): string | null {
  if (signal !== undefined) return signal;
  return exitCode === undefined || exitCode === 0 ? null : `exit ${exitCode}`;
}
