import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { StartConfig } from '../../daemon/start-config.ts';
import type { Client } from '../../protocol/client.ts';
import { CallError } from '../../protocol/errors.ts';
import { isLeftover } from '../../protocol/ipc-file.ts';
import type { Outcome } from '../../protocol/schemas.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import { follow, ipcPath, operate, watchRemoval, withDaemon } from '../daemon.ts';
import { cannotStart, reasonOf, stale, unreachable } from '../output/messages.ts';
import type { Reporter } from '../output/reporter.ts';
import { launch } from './launch.ts';

/** The ipc-file is free, left over from a daemon that died, or answered by a running server. */
export type Probe = { found: 'nothing' } | { found: 'stale'; error: CallError } | { found: 'running'; status: Status };

/** Finds out by connecting who is behind the ipc-file. */
export async function probe(ipcName: string): Promise<Probe> {
  // The common case needs no client, and none is loaded for it.
  const path = ipcPath(ipcName);
  if (!existsSync(path)) return { found: 'nothing' };
  try {
    const status = await withDaemon(ipcName, (client) => follow(client.call('status', {})));
    return { found: 'running', status };
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'not-running') return { found: 'nothing' };
    if (reason === 'stale' && !isLeftover(path)) throw unreachable(ipcName, 'it is not a socket');
    if (reason === 'stale') return { found: 'stale', error: error as CallError };
    throw error;
  }
}

/** Seconds that the workers get to leave when a boot is stopped. */
const stopPatience = 5;

export type Booted = { booted: Status } | { running: Status } | { stopped: Outcome };

/**
 * Starts the daemon and follows its boot to the end, or, once `stop` is aborted, its stop. When another one took the ipc-file between
 * the probe and now, that one's status is `running`. Throws `boot-failed` when the workers were not online.
 */
export async function boot(config: StartConfig, reporter: Reporter, stop: AbortSignal): Promise<Booted> {
  const launching = launch(config);
  launching.catch(() => {}); // it is awaited below, after the client: until then nobody else handles it
  // The client is loaded while the daemon starts.
  return withDaemon(config.ipcName, async (client) => {
    const notice = await launching;
    if (notice.event === 'Error') throw cannotStart(notice.value);
    if (notice.event === 'IpcInUse' && notice.value === 'stale') throw stale(config.ipcName);
    if (notice.event === 'IpcInUse') return { running: await follow(client.call('status', {})) };
    return followBoot(client, config.ipcName, reporter, stop);
  });
}

async function followBoot(client: Client, ipcName: string, reporter: Reporter, stop: AbortSignal): Promise<Booted> {
  const removed = watchRemoval(ipcName);
  const stopped = aborted(stop).then(() =>
    follow(client.call('stop', { timeout: stopPatience }, { stream: true }), (event) => reporter.event(event)),
  );
  stopped.catch(() => {}); // it is awaited below, when the boot has ended by it
  try {
    const booted = await operate(reporter, client, ipcName, client.call('status', {}, { stream: true }));
    if (!stop.aborted) return { booted };
  } catch (error) {
    // A daemon whose boot failed ends; the next start must not meet it.
    if (error instanceof CallError && error.kind === 'boot-failed') await removed();
    if (!stop.aborted) throw error;
  }
  const outcome = await stopped;
  await removed();
  return { stopped: outcome };
}

const aborted = async (signal: AbortSignal): Promise<unknown> => signal.aborted || once(signal, 'abort');
