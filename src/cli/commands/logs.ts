import type { Client } from '../../protocol/client.ts';
import type { LogEvent, LogsEnd } from '../../protocol/log-schemas.ts';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { followUntilLeft, withDaemon } from '../daemon.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { tell, type Values } from '../input/option.ts';
import { logsOptions } from '../input/options.ts';
import { matching } from '../output/matching.ts';

export default class Logs extends NaughtCommand {
  static override summary = 'Display the last lines of the logs, and follow them.';
  static override group: Group = 'look';
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
  static override flags = flagsOf(logsOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const logs = this.reporter.logs(flags.stream === undefined);
    let result: LogsEnd | undefined;
    try {
      result = await withDaemon(args['ipc-file'], (client) => read(client, flags, (event) => logs.event(event)));
    } finally {
      await logs.end(result);
    }
  }
}

/** Reads logs to their end. undefined: Ctrl-C ended it. */
function read(
  client: Client,
  options: Values<typeof logsOptions>,
  show: (event: LogEvent) => Promise<void>,
): Promise<LogsEnd | undefined> {
  const { grep, lines } = options;
  const params = tell(logsOptions, options);
  // A pattern of the user's may take for ever: it is never run in the daemon.
  const asked = grep && lines !== 0 ? { ...params, lines: 'all' as const } : params;
  const begin = (signal: AbortSignal) => {
    const call = client.call('logs', asked, { stream: true, signal });
    return grep ? matching(call, grep, lines) : call;
  };
  // With a pattern the default is left to end the process: while it takes for ever, no handler would have its turn.
  return followUntilLeft(begin, show, options.follow && !grep);
}
