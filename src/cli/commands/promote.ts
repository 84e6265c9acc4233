import { type Group, NaughtCommand, prose } from '../command.ts';
import { ipcFileArg } from '../input/flags.ts';
import { joinAt } from '../rollout.ts';

export default class Promote extends NaughtCommand {
  static override summary = 'End the bake of a deploy well, now.';
  static override group: Group = 'deploy';
  static override description = prose(`
The new workers that are watched have been seen to do well: the rest of the release follows without waiting for the end of --bake. The
command waits until the deploy is done, like the one that began it.

\`naught deploy-abort\` ends a bake badly: the former release is brought back.
`);

  static override usage = 'promote [options] [ipc-file]';
  static override examples = ['<%= config.bin %> promote', '<%= config.bin %> promote /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };

  async run(): Promise<void> {
    const { args } = await this.parse(Promote);
    await joinAt(args['ipc-file'], this.reporter, 'promote', 'done');
  }
}
