import { type Group, NaughtCommand, prose } from '../command.ts';
import { flagsOf, ipcFileArg, valueArg } from '../input/flags.ts';
import { tell } from '../input/option.ts';
import { scaleOptions } from '../input/options.ts';
import { scaledCount } from '../input/values.ts';
import { rollOutAt } from '../rollout.ts';

export default class Scale extends NaughtCommand {
  static override summary = 'Run another number of workers, without losing a request.';
  static override group: Group = 'deploy';
  static override description = prose(`
4: so many workers; +2 and -2: so many more or less than now; 150%: a share of those of now, rounded; auto: one per usable CPU.

New workers of the current release are started in the slots that are added, and those of the slots that are taken away leave; the
others serve on. The count is that of later deploys too, and of the release, which keeps its number. As in a deploy Ctrl-C aborts it
while new workers boot, and then nothing has changed.
`);

  static override usage = 'scale [options] count [ipc-file]';
  static override examples = [
    '<%= config.bin %> scale 4',
    '<%= config.bin %> scale +2 /run/shop.ipc',
    '<%= config.bin %> scale 50% --timeout 60',
  ];

  static override args = {
    count: valueArg(scaledCount, 'the count', 'how many workers: N, +N, -N, N% or auto'),
    'ipc-file': ipcFileArg,
  };

  static override flags = flagsOf(scaleOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Scale);
    await rollOutAt(args['ipc-file'], this.reporter, 'scale', {
      ...tell(scaleOptions, flags),
      workerCount: args.count,
    });
  }
}
