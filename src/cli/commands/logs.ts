import { boolean } from '@oclif/core/flags';
import type { LogsEnd } from '../../protocol/log-schemas.ts';
import { NaughtCommand } from '../command.ts';
import { ipcFileArg, lines, oneOf, regExp, slot } from '../input/flags.ts';
import { readLogs } from '../logs.ts';
import { LogPrinter } from '../output/log-printer.ts';
import { prose } from '../output/prose.ts';

export default class Logs extends NaughtCommand {
  static override summary = 'Display the last lines of the logs, and follow them.';
  static override description = prose(`
The last lines of what the workers wrote to stdout, then of stderr, over all archives; with --log-format json in the order of their
times. -f goes on with what is written from now on, until the daemon stops or Ctrl-C. A reader that is too slow never holds back a
worker: it is told how many lines it missed, and the log has them.

Which worker wrote a line is kept in logs of --log-format json; of plain ones it is known while they are followed (-f -n 0).
`);

  static override usage = 'logs [options] [ipc-file]';
  static override examples = [
    '<%= config.bin %> logs -f',
    '<%= config.bin %> logs -n 20 --stream stderr /run/shop.ipc',
    "<%= config.bin %> logs -n all --grep 'GET /cart .* 5[0-9][0-9]'",
    '<%= config.bin %> logs -f -n 0 --worker 2',
  ];

  static override args = { 'ipc-file': ipcFileArg };
  static override flags = {
    follow: boolean({ char: 'f', description: 'go on with what is written from now on' }),
    lines: lines({ char: 'n', description: 'how many of the last lines of each log', default: '100' }),
    stream: oneOf(['stdout', 'stderr', 'daemon'])({
      description: "one log alone, or the daemon's own; without it, stdout and stderr",
    }),
    worker: slot({ description: 'only the lines of the worker with this number (NAUGHT_WORKER)' }),
    grep: regExp({ description: 'only lines in which this regular expression is found; --lines counts those' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const { follow, stream, worker, grep } = flags;
    const printer = new LogPrinter({ json: this.json, named: stream === undefined && process.stdout.isTTY });
    const params = {
      lines: flags.lines,
      follow,
      ...(stream === undefined ? {} : { stream }),
      ...(worker === undefined ? {} : { worker }),
    };
    let end: LogsEnd | undefined;
    try {
      end = await readLogs(args['ipc-file'], params, grep, (event) => printer.print(event));
    } finally {
      await printer.end(end);
    }
  }
}
