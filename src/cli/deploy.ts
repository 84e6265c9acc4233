import type { Client } from '../protocol/client.ts';
import type { DeployParams, Event, Outcome } from '../protocol/schemas.ts';
import { follow, withDaemon } from './daemon.ts';
import { onInterrupt } from './input/interrupt.ts';

export interface DeployWatcher {
  onEvent: (event: Event) => void;
  /** The user pressed Ctrl-C, and the deploy is being aborted. */
  onAbort: () => void;
}

/** Deploys and follows to the end. Ctrl-C aborts the deploy, whose own end is still waited for; a second one leaves at once. */
export function deploy(ipcName: string, params: DeployParams, watcher: DeployWatcher): Promise<Outcome> {
  return withDaemon(ipcName, async (client) => {
    const ignoreInterrupts = onInterrupt(() => {
      watcher.onAbort();
      void abort(client);
    });
    try {
      return await follow(client.call('deploy', params, { stream: true }), watcher.onEvent);
    } finally {
      ignoreInterrupts();
    }
  });
}

/** Its events and its end are not shown, whatever they are: the deploy's own stream tells the same and ends the command. */
async function abort(client: Client): Promise<void> {
  await follow(client.call('deploy.abort', {}, { stream: true }), () => {}).catch(() => {});
}
