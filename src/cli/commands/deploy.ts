import type { Client } from '../../protocol/client.ts';
import { NaughtCommand, prose } from '../command.ts';
import { follow, withDaemon } from '../daemon.ts';
import { isHere } from '../input/files.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { tell } from '../input/option.ts';
import { deployOptions } from '../input/options.ts';
import { preview, rollOut } from '../rollout.ts';

export default class Deploy extends NaughtCommand {
  static override summary = 'Replace the workers by new ones, without losing a request.';
  static override description = prose(`
All new workers are started and waited for before a single old one is asked to leave. When a new one fails, or the deploy is
aborted before all are online, the old ones go on as if nothing had been: with their code, environment, directory and count.

A deploy hangs when a new worker never becomes online or an old one never exits. Ctrl-C aborts it; so does the timeout.

Without --script the new workers run the script that the server was started with, by the path that was given: when it leads
through a symbolic link, they run what that now points to. The same is true of their directory without --cwd.
`);

  static override usage = 'deploy [options] [ipc-file] [-- script-options]';
  static override examples = [
    '<%= config.bin %> deploy',
    '<%= config.bin %> deploy --worker-count 4 --timeout 60 --cwd /srv/shop/current /run/shop.ipc',
    '<%= config.bin %> deploy --override-env false --env VERSION=2 --unset OLD_SECRET',
    '<%= config.bin %> deploy --clean-env --dry-run',
    '<%= config.bin %> deploy --script server2.js naught.ipc -- --port 8080',
  ];

  static override args = { 'ipc-file': ipcFileArg };
  static override flags = flagsOf(deployOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Deploy);
    const params = {
      ...tell(deployOptions, flags),
      ...(this.scriptArgs === undefined ? {} : { args: this.scriptArgs }),
    };
    if (flags['dry-run']) return preview(args['ipc-file'], this.reporter, 'deploy.preview', params);
    const outcome = await withDaemon(args['ipc-file'], async (client) => {
      const outcome = await rollOut(client, this.reporter, args['ipc-file'], 'deploy', params);
      if (flags.cwd === undefined) await this.#tellWhere(client);
      return outcome;
    });
    this.reporter.result(outcome);
    this.reporter.done('done');
  }

  /** Who comes from 1.x, or from the directory of a new release, expects the workers in the directory of the command. */
  async #tellWhere(client: Client): Promise<void> {
    const status = await follow(client.call('status', {})).catch(() => undefined);
    if (status === undefined || isHere(status.cwd)) return;
    this.reporter.say(`the workers run in ${status.cwd}, as before; --cwd . is the directory of this command`);
  }
}
