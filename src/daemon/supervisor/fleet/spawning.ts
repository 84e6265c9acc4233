import type { ClusterSettings } from 'node:cluster';
import { basename } from 'node:path';
import { ownBuild } from '../../build.ts';
import { orphanMs, type StartConfig } from '../../start-config.ts';
import { optionsVariable, type WorkerOptions } from '../../worker-link.ts';
import type { Exit, Release } from '../machine/state.ts';
import { startError } from '../system.ts';
import type { Outputs } from './outputs.ts';

/** What a worker's process is started with. */

export function settingsOf(release: Release, outputs: Outputs, inspectPort: number | null): ClusterSettings {
  // Cluster adds the port of its settings for words that it knows: those in NODE_OPTIONS it does not see.
  const inspect = inspectPort === null ? [] : [`--inspect-port=${inspectPort}`];
  return {
    exec: release.resolved.script,
    args: release.args,
    execArgv: [...release.nodeArgs, ...inspect],
    inspectPort: inspectPort ?? 0,
    cwd: release.resolved.cwd,
    stdio: ['ignore', ...outputs.stdio, 'ipc', 'pipe'],
  } as ClusterSettings;
}

export function environmentOf(config: StartConfig, release: Release, slot: number): NodeJS.ProcessEnv {
  const { drain, lingerMs, spreadMs } = config.workers;
  const title = `naught: worker ${slot} ${basename(release.resolved.script)}`;
  const options: WorkerOptions = {
    ...ownBuild,
    slot,
    title,
    drain,
    lingerMs,
    spreadMs,
    orphanMs: orphanMs(config.workers),
    ignoreInterrupt: config.foreground,
  };
  return { ...release.environment, NAUGHT_WORKER: String(slot), [optionsVariable]: JSON.stringify(options) };
}

export function couldNotStart(error: unknown, release: Release): Exit {
  return { code: null, signal: null, error: startError(error, release.resolved.cwd) };
}
