import { type Group, NaughtCommand, prose } from '../command.ts';
import { ipcFileArg } from '../input/flags.ts';
import { joinAt } from '../rollout.ts';

export default class DeployAbort extends NaughtCommand {
  static override summary = 'Abort a deploy that hangs.';
  static override group: Group = 'deploy';
  static override description = prose(`
While its new workers are not all online, they are destroyed and the old ones go on as if nothing had been.
When the old workers are already leaving, those that do not leave are killed, and the deploy is complete.

Ctrl-C in \`naught deploy\` does the same.
`);

  static override usage = 'deploy-abort [options] [ipc-file]';
  static override examples = ['<%= config.bin %> deploy-abort', '<%= config.bin %> deploy-abort /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };

  async run(): Promise<void> {
    const { args } = await this.parse(DeployAbort);
    await joinAt(args['ipc-file'], this.reporter, 'deploy.abort', 'deploy aborted');
  }
}
