import type { Client } from '../../protocol/client.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { follow, withDaemon } from '../daemon.ts';
import { isHere } from '../input/files.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { tell } from '../input/option.ts';
import { deployOptions } from '../input/options.ts';
import { preview, rollOut } from '../rollout.ts';

export default class Deploy extends NaughtCommand {
  static override summary = 'Replace the workers by new ones, without losing a request.';
  static override group: Group = 'deploy';
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
      const before = flags.cwd === undefined ? undefined : await statusAt(client);
      const outcome = await rollOut(client, this.reporter, args['ipc-file'], 'deploy', params);
      await this.#tellWhere(client, before);
      return outcome;
    });
    this.reporter.result(outcome);
    this.reporter.done('done');
  }

  /**
   * Who comes from 1.x, or from the directory of a new release, expects the workers in the directory of the command; `before`: where they
   * ran, when another one was asked for.
   */
  async #tellWhere(client: Client, before: Status | undefined): Promise<void> {
    const now = await statusAt(client);
    if (now === undefined) return;
    if (before !== undefined) {
      if (now.cwd !== before.cwd)
        this.reporter.say(`the workers run in ${now.cwd} from now on, no longer in ${before.cwd}`);
    } else if (!isHere(now.cwd)) {
      this.reporter.say(`the workers run in ${now.cwd}, as before; --cwd . is the directory of this command`);
    }
  }
}

/** For what is told besides: undefined where it cannot be had. */
const statusAt = (client: Client): Promise<Status | undefined> =>
  follow(client.call('status', {})).catch(() => undefined);
