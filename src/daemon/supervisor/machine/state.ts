import type { Count, WaitingFor } from '../../../protocol/schemas.ts';
import type { ReleaseSpec, WorkersConfig } from '../../start-config.ts';
import type { HeldConnections } from '../../worker-link.ts';
import type { Health, HealthCheck, Look } from './health-check.ts';
import type { Answers, Bake, Seen, Strategy } from './strategy/strategy.ts';

/** What of the daemon's options the rules depend on. */
export interface Settings extends Pick<WorkersConfig, 'onlineOn' | 'drain' | 'drainTimeoutMs'> {
  /** How many workers boot at once. */
  bootParallel: number;
  /** How many of those use the CPU, where a release has more workers than that. */
  loadParallel: number;
  /** How many are told to leave at a time. */
  leaveParallel: number;
}

/** What a deploy makes current, whole: a worker that is started again later always runs the current release. */
export interface Release extends ReleaseSpec {
  number: number;
  /** Where `script` and `cwd` pointed when it was deployed: a symlink that is turned later changes nothing before the next deploy. */
  resolved: { script: string; cwd: string };
  environment: Readonly<Record<string, string>>;
  /** Its workers count as online when they have answered well to this. null or undefined: they are not asked. */
  health?: HealthCheck | null;
}

/** destroyed: killed by a deploy that failed, and counted nowhere (as in 1.x) until it is gone. */
export type WorkerState = 'booting' | 'online' | 'new_online' | 'dying' | 'destroyed';

export interface Worker {
  /** Unique in the daemon's life; a slot has many workers over time. */
  readonly id: number;
  readonly slot: number;
  readonly release: Release;
  /** The operation that made its release current, or will: a release that is started again has the same number. */
  readonly wave: number;
  readonly bornAt: number;
  state: WorkerState;
  /** The operation that asked it to leave: its end is an OldExit. null: nobody did, or it said 'offline' by itself. */
  askedIn: number | null;
  /** A new one that served, and leaves with its deploy that is undone: its end is a NewDestroyed. */
  undone: boolean;
  /** null: nobody has asked it to leave yet. */
  leaving: Leaving | null;
  /** A server of its listens, so that it may hold connections. */
  listening: boolean;
  /** While it boots: it uses the CPU no longer, but waits for something. */
  rests: boolean;
  /** The server listens that counts, where listening is enough to be online. */
  serving: boolean;
  /** It has listened since 5 s before this: unless it is online by then, that says something. */
  silentAt: number | null;
  /** Its IPC channel closed at some time before this: unless it exits by then, it counts as offline. */
  lostBy: number | null;
  /** The next signal, and when. Derived from here alone, so that no lost timer leaves a worker immortal. */
  kill: { at: number; signal: 'SIGTERM' | 'SIGKILL' } | null;
  /** Since its start. */
  answers: Answers;
  /** From the time that it is ready by its contract, where its release is asked for its health. A step replaces it. */
  health: Health | null;
}

/** It drains first; then it is sent 'shutdown'. A step replaces it, and changes nothing in it. */
export interface Leaving {
  readonly since: number;
  /** Until when it may drain; null: however long it takes. */
  readonly deadline: number | null;
  /** It has said something about it, which one whose event loop is blocked never does. */
  readonly answered: boolean;
  /** The connections that it still had when it last spoke of them. */
  readonly holding: HeldConnections | null;
  readonly shutdownSent: boolean;
  /** What it is to be told when it is its turn. */
  readonly next: 'drain' | 'shutdown' | null;
  /** When it was told something about which it has not spoken yet. */
  readonly toldAt: number | null;
  /** Who ends the process, from the time that 'shutdown' was delivered. */
  readonly by: 'preload' | 'app' | null;
}

export type Failure =
  /** wasOnline: it was one of the first to be, and the others were still waited for. bakingMs: how long it had been watched, if it was. */
  | { type: 'died'; worker: number; slot: number; exit: Exit; wasOnline: boolean; bakingMs?: number }
  | { type: 'offline'; worker: number; slot: number; bakingMs?: number }
  | { type: 'silent'; worker: number; slot: number; afterMs: number }
  /** afterMs: it never was healthy, in this time. */
  | { type: 'unhealthy'; worker: number; slot: number; look: Look; afterMs?: number }
  | ({ type: 'errors' } & Seen)
  | { type: 'aborted' };

export interface Exit {
  code: number | null;
  signal: string | null;
  /** The process could not be started. */
  error?: string;
}

interface Begun {
  /** Unique in the daemon's life. */
  readonly id: number;
  readonly startedAt: number;
  readonly deadline: number | null;
}

export interface Rollout extends Begun {
  readonly type: 'boot' | 'deploy';
  readonly release: Release;
  /** It is complete when the old workers have left, and not already when they were asked to. */
  readonly waitOld: boolean;
  readonly timeoutMs: number | null;
  readonly strategy: Strategy;
  /** Those that get a new worker, in this order. */
  readonly slots: readonly number[];
  /** The larger of the counts before and after it: what `surge` goes beyond. */
  readonly count: number;
  /** Slots whose old worker was asked to leave while others were still waited for. */
  readonly replaced: readonly number[];
  /** It has been watched, and found good. */
  readonly baked: boolean;
  /** What old workers that are gone had answered. */
  readonly gone: Answers;
}

/** The new workers serve, the old ones that have not been replaced beside them, and are watched. */
export interface Baking extends Rollout {
  readonly phase: 'bake';
  readonly bake: Bake;
}

/** It is given up: the new workers go, where the old one is gone already when the former release serves there again. */
export interface Undoing extends Rollout {
  readonly phase: 'undo';
  readonly failure: Failure;
  /** Without waiting for that. */
  readonly forced: boolean;
}

/** What is in progress. A step replaces it, and changes nothing in it. */
export type Operation =
  /** The new workers boot. With a failure it cannot succeed any more: the others get a moment to come online or die. */
  | (Rollout & { readonly phase: 'new'; readonly failure: Failure | null })
  | Baking
  | Undoing
  /** Its release is current, and the old workers go. */
  | (Rollout & { readonly phase: 'old' })
  /** All workers go, and the daemon after them. failure: of the boot that ends so. */
  | (Begun & { readonly type: 'stop'; readonly failure: Failure | null });

export interface State {
  readonly settings: Settings;
  /**
   * With --online-on auto, whether the application says 'online'. unknown: no worker of this daemon has yet. silent: one has served
   * without. strict: one has said it.
   */
  contract: 'unknown' | 'silent' | 'strict';
  operation: Operation | null;
  nextOperation: number;
  workers: Worker[];
  nextWorker: number;
  nextProbe: number;
  /** null before the first boot is complete. */
  current: Release | null;
  /** The operation that made it current. */
  wave: number;
  /** Slots that wait to be started again. */
  restarts: { slot: number; at: number }[];
  /** Crashes in a row, by slot. */
  crashes: Record<number, number>;
  /** How often a slot was started again in the current release, by slot. */
  restarted: Record<number, number>;
  /** Somebody leaves: when to look what for it is waited, if that is what the people were told last, and when to say it again. */
  waiting: { readonly at: number; readonly told: string; readonly againAt: number; readonly pauseMs: number } | null;
  /** The daemon is at its end: nothing is left to supervise. */
  over: boolean;
}

export function initialState(settings: Settings): State {
  return {
    settings,
    contract: 'unknown',
    operation: null,
    nextOperation: 1,
    workers: [],
    nextWorker: 1,
    nextProbe: 1,
    current: null,
    wave: 0,
    restarts: [],
    crashes: {},
    restarted: {},
    waiting: null,
    over: false,
  };
}

export function waitingForOf(state: State): WaitingFor {
  const { operation, over, workers } = state;
  if (operation === null) return over ? 'shutdown' : null;
  if (operation.type === 'stop') return 'shutdown';
  if (operation.phase === 'bake' || operation.phase === 'old') return operation.phase;
  // In a deploy by steps: nobody boots before somebody has left.
  const leaves = operation.phase === 'new' && workers.some(({ askedIn }) => askedIn === operation.id);
  return leaves && !workers.some((worker) => worker.state === 'booting' && isCandidate(state, worker)) ? 'old' : 'new';
}

/** The boot or deploy in progress. */
export function rolloutOf({ operation }: State): Exclude<Operation, { type: 'stop' }> | null {
  return operation === null || operation.type === 'stop' ? null : operation;
}

/** How far an operation is, in a word for people and programs. */
export function phaseOf(operation: Operation): string {
  return operation.type === 'stop' ? 'shutdown' : operation.phase;
}

/** What the boot or deploy in progress will make current. */
export function candidateOf(state: State): Release | null {
  const rollout = rolloutOf(state);
  return rollout === null || rollout.phase === 'old' ? null : rollout.release;
}

/** The boot or deploy in progress needs it online. */
export function isCandidate(state: State, { state: its, wave }: Worker): boolean {
  return (its === 'booting' || its === 'new_online') && candidateOf(state) !== null && wave === state.operation?.id;
}

export function countOf(state: State): Count {
  const count: Count = { booting: 0, online: 0, dying: 0, new_online: 0 };
  for (const worker of state.workers) if (worker.state !== 'destroyed') count[worker.state] += 1;
  return count;
}

/** Its health is of interest. */
export function isAsked({ state }: Worker): boolean {
  return state === 'booting' || state === 'online' || state === 'new_online';
}
