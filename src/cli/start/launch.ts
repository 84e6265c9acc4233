import type { ChildProcess } from 'node:child_process';
import type { StartConfig, StartNotice } from '../../daemon/start-config.ts';
import { cannotStart } from '../output/messages.ts';
import { takeDaemon } from './early.ts';

/** Starts the daemon and waits for its first word, after which it lives on its own. Throws when it ends without one. */
export async function launch(config: StartConfig): Promise<StartNotice> {
  const child = takeDaemon();
  try {
    return await firstNotice(child, config);
  } finally {
    child.removeAllListeners();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function firstNotice(child: ChildProcess, config: StartConfig): Promise<StartNotice> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(cannotStart(error.message, error)));
    if (child.pid === undefined) return;
    const ended = child.exitCode ?? child.signalCode;
    if (ended !== null) return reject(cannotStart(`it exited with ${ended}`));
    child.once('message', (notice) => resolve(notice as StartNotice));
    child.once('exit', (code, signal) => {
      reject(cannotStart(`it exited with ${signal === null ? `code ${code}` : `signal ${signal}`}`));
    });
    // A child that is gone before it could be told anything is reported by its exit.
    child.send(config, () => {});
  });
}
