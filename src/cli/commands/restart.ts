import { type Group, NaughtCommand, prose } from '../command.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { tell } from '../input/option.ts';
import { restartOptions } from '../input/options.ts';
import { rollOutAt } from '../rollout.ts';

export default class Restart extends NaughtCommand {
  static override summary = 'Replace the workers by new ones of the same release, without losing a request.';
  static override group: Group = 'deploy';
  static override description = prose(`
A deploy of the current release: the script and the directory that its paths led to when it was deployed, with its arguments,
environment and count. Links that were turned since, and the environment of this command, are a deploy's affair. It keeps its number.

--worker replaces that one alone, and the others serve on.

As in a deploy the old workers leave only when the new ones are online; Ctrl-C aborts it, and then nothing has changed.
`);

  static override usage = 'restart [options] [ipc-file]';
  static override examples = [
    '<%= config.bin %> restart',
    '<%= config.bin %> restart --worker 2 --timeout 60 /run/shop.ipc',
  ];
  static override args = { 'ipc-file': ipcFileArg };
  static override flags = flagsOf(restartOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Restart);
    await rollOutAt(args['ipc-file'], this.reporter, 'restart', tell(restartOptions, flags));
  }
}
