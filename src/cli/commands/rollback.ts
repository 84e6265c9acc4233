import { string } from '@oclif/core/args';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { readNamed, tell } from '../input/option.ts';
import { rollbackOptions } from '../input/options.ts';
import { UsageError } from '../input/usage-error.ts';
import { releaseNumber } from '../input/values.ts';
import { preview, rollOutAt } from '../rollout.ts';

export default class Rollback extends NaughtCommand {
  static override summary = 'Deploy a former release again, without losing a request.';
  static override group: Group = 'deploy';
  static override description = prose(`
The release is deployed whole, as a release with a number of its own: the script and the directory that its paths led to then,
its arguments, node arguments, environment and worker count. Without a number it is the one that served before the current one.
naught releases shows which there are; one that failed, or whose script or directory is gone, is refused before anything begins.

As in a deploy the old workers leave only when all new ones are online, and Ctrl-C aborts it. A later deploy goes by the paths as
they were given again.
`);

  static override usage = 'rollback [options] [release] [ipc-file]';
  static override examples = [
    '<%= config.bin %> rollback',
    '<%= config.bin %> rollback 12 --timeout 60',
    '<%= config.bin %> rollback --dry-run /run/shop.ipc',
  ];

  static override args = {
    release: string({ description: 'its number; default: the one that served before', ignoreStdin: true }),
    'ipc-file': ipcFileArg,
  };

  static override flags = flagsOf(rollbackOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rollback);
    const { release, ipcName } = wordsOf(args);
    const params = { ...tell(rollbackOptions, flags), ...(release === undefined ? {} : { release }) };
    if (flags['dry-run']) return preview(ipcName, this.reporter, 'rollback.preview', params);
    await rollOutAt(ipcName, this.reporter, 'rollback', params);
  }
}

/** Either may be left out: a word that looks like a path is the ipc-file, unless another one is behind it. */
function wordsOf(args: { release?: string | undefined; 'ipc-file': string }): { release?: number; ipcName: string } {
  const { release: word, 'ipc-file': ipcName } = args;
  if (word === undefined) return { ipcName };
  const isPath = /[./]/.test(word);
  if (isPath && ipcName !== ipcFileArg.default) throw new UsageError(`unexpected argument \`${ipcName}\``);
  return isPath ? { ipcName: word } : { release: readNamed('the release', releaseNumber.read, word), ipcName };
}
