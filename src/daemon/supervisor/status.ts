import type { Outcome } from '../../protocol/schemas.ts';
import type { Leaving, OperationStatus, Status, WorkerStatus } from '../../protocol/status-schemas.ts';
import { now } from './clock.ts';
import type { Load } from './fleet/load.ts';
import { candidateOf, countOf, phaseOf, rolloutOf, type State, type Worker, waitingForOf } from './machine/state.ts';

/** What the machine does not know of a worker. */
export interface Processes {
  pid(worker: number): number | undefined;
  load(worker: number): Load | undefined;
}

/** The workers now. Environment values never appear here. */
export function statusOf(state: State, version: string, processes: Processes): Status {
  const release = state.current ?? candidateOf(state);
  return {
    ...outcomeOf(state),
    version,
    node: process.version,
    uptime: seconds(process.uptime() * 1000),
    script: release?.resolved.script ?? '',
    cwd: release?.resolved.cwd ?? '',
    workerCount: release?.workerCount ?? 0,
    workers: [...runningOf(state, processes), ...waitingOf(state)].sort((a, b) => a.slot - b.slot),
    ...operationOf(state),
  };
}

export function outcomeOf(state: State): Outcome {
  return {
    count: countOf(state),
    waitingFor: waitingForOf(state),
    release: state.current?.number ?? 0,
    pid: process.pid,
  };
}

function runningOf(state: State, processes: Processes): WorkerStatus[] {
  return state.workers.flatMap((worker) => {
    if (worker.state === 'destroyed') return [];
    const pid = processes.pid(worker.id);
    const listens = worker.state === 'booting' && worker.listening;
    return {
      slot: worker.slot,
      ...(pid === undefined ? {} : { pid }),
      state: worker.state,
      release: worker.release.number,
      uptime: seconds(now() - worker.bornAt),
      crashes: state.crashes[worker.slot] ?? 0,
      restarts: state.restarted[worker.slot] ?? 0,
      ...processes.load(worker.id),
      ...(listens && { listening: true as const }),
      ...leavingOf(worker),
      ...(worker.wave === state.operation?.id && { candidate: true as const }),
    };
  });
}

function leavingOf({ leaving, kill }: Worker): { leaving?: Leaving } {
  if (leaving === null) return {};
  const { since, shutdownSent, answered, by, holding } = leaving;
  return {
    leaving: {
      since: seconds(now() - since),
      limit: kill === null ? null : secondsUntil(kill.at),
      told: shutdownSent,
      answered,
      ...(by && { by }),
      ...(holding && { holding: { ...holding } }),
    },
  };
}

function operationOf(state: State): { operation?: OperationStatus } {
  const { operation, current } = state;
  if (operation === null) return {};
  const { type, startedAt, deadline } = operation;
  const rollout = rolloutOf(state);
  const release = rollout?.release;
  const elapsed = now() - startedAt;
  return {
    operation: {
      type,
      phase: phaseOf(operation),
      startedAt: new Date(Date.now() - elapsed).toISOString(),
      elapsed: seconds(elapsed),
      limit: deadline === null ? null : secondsUntil(deadline),
      ...(rollout && { release: rollout.release.number, newWorkers: rollout.slots.length }),
      toLeave: state.workers.filter((worker) => leaves(state, worker)).length,
      ...(rollout?.phase === 'bake' && {
        bake: { of: seconds(rollout.bake.until - rollout.bake.since), left: secondsUntil(rollout.bake.until) },
      }),
      ...(current && release && current.number !== release.number && { from: current.number }),
    },
  };
}

function waitingOf(state: State): WorkerStatus[] {
  return state.restarts.map(({ slot, at }) => ({
    slot,
    state: 'waiting',
    release: state.current?.number ?? 0,
    crashes: state.crashes[slot] ?? 0,
    restarts: state.restarted[slot] ?? 0,
    restartIn: secondsUntil(at),
  }));
}

/** It leaves in the operation in progress, if that is not given up. */
function leaves(state: State, { wave, slot, state: its }: Worker): boolean {
  const rollout = rolloutOf(state);
  if (rollout === null || its === 'destroyed' || its === 'dying') return its !== 'destroyed';
  return wave !== rollout.id && (rollout.slots.includes(slot) || slot >= rollout.release.workerCount);
}

const secondsUntil = (at: number): number => seconds(Math.max(0, at - now()));

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
