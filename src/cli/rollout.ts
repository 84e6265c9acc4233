import type { Calls } from '../protocol/calls.ts';
import type { Client } from '../protocol/client.ts';
import type { Outcome } from '../protocol/schemas.ts';
import { follow, operate, withDaemon } from './daemon.ts';
import { onInterrupt } from './input/interrupt.ts';
import { previewText } from './output/releases.ts';
import type { Reporter } from './output/reporter.ts';

/** What replaces workers as a deploy does. */
type Rollout = 'deploy' | 'rollback' | 'restart' | 'scale';

/** Follows it to its end. Ctrl-C aborts it, and its own end is still waited for; a second one leaves at once. */
export async function rollOut<Name extends Rollout>(
  client: Client,
  reporter: Reporter,
  ipcName: string,
  name: Name,
  params: Calls[Name]['params'],
): Promise<Outcome> {
  const ignoreInterrupts = onInterrupt(() => {
    reporter.say('aborting deploy');
    // Neither its events nor its end are shown, whatever they are: the stream of the deploy tells the same, and ends the command.
    void follow(client.call('deploy.abort', {}, { stream: true })).catch(() => {});
  });
  try {
    return await operate(reporter, client, ipcName, client.call<Rollout>(name, params, { stream: true }));
  } finally {
    ignoreInterrupts();
  }
}

/** Rolls out from beginning to end: what a command does that has nothing to add. */
export async function rollOutAt<Name extends Rollout>(
  ipcName: string,
  reporter: Reporter,
  name: Name,
  params: Calls[Name]['params'],
): Promise<void> {
  reporter.result(await withDaemon(ipcName, (client) => rollOut(client, reporter, ipcName, name, params)));
  reporter.done('done');
}

/** Joins the deploy in progress by what is said to it, and follows it to its end. `done`: the last line. */
export async function joinAt(
  ipcName: string,
  reporter: Reporter,
  name: 'promote' | 'deploy.abort',
  done: string,
): Promise<void> {
  const outcome = await withDaemon(ipcName, (client) =>
    operate(reporter, client, ipcName, client.call<'promote' | 'deploy.abort'>(name, {}, { stream: true })),
  );
  reporter.result(outcome);
  reporter.done(done);
}

/** Says what it would change. */
export async function preview<Name extends 'deploy.preview' | 'rollback.preview'>(
  ipcName: string,
  reporter: Reporter,
  name: Name,
  params: Calls[Name]['params'],
): Promise<void> {
  const previewed = await withDaemon(ipcName, (client) =>
    follow(client.call<'deploy.preview' | 'rollback.preview'>(name, params)),
  );
  reporter.result(previewed, previewText(previewed));
}
