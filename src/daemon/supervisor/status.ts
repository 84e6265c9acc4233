import type { Outcome, Status, WorkerStatus } from '../../protocol/schemas.ts';
import { now } from './clock.ts';
import { candidateOf, countOf, type State, waitingForOf } from './machine/state.ts';

/** The workers now. Environment values never appear here. */
export function statusOf(state: State, version: string, pidOf: (worker: number) => number | undefined): Status {
  const release = state.current ?? candidateOf(state);
  return {
    ...outcomeOf(state),
    version,
    node: process.version,
    uptime: seconds(process.uptime() * 1000),
    script: release?.resolved.script ?? '',
    cwd: release?.resolved.cwd ?? '',
    workerCount: release?.workerCount ?? 0,
    workers: [...runningOf(state, pidOf), ...waitingOf(state)].sort((a, b) => a.slot - b.slot),
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

function runningOf(state: State, pidOf: (worker: number) => number | undefined): WorkerStatus[] {
  return state.workers.flatMap((worker) => {
    if (worker.state === 'destroyed') return [];
    const pid = pidOf(worker.id);
    return {
      slot: worker.slot,
      ...(pid === undefined ? {} : { pid }),
      state: worker.state,
      release: worker.release.number,
      uptime: seconds(now() - worker.bornAt),
      crashes: state.crashes[worker.slot] ?? 0,
    };
  });
}

function waitingOf(state: State): WorkerStatus[] {
  return state.restarts.map(({ slot, at }) => ({
    slot,
    state: 'waiting',
    release: state.current?.number ?? 0,
    crashes: state.crashes[slot] ?? 0,
    restartIn: seconds(Math.max(0, at - now())),
  }));
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
