import type { EventsEnd } from '../../protocol/schemas.ts';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { followUntilLeft, withDaemon } from '../daemon.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { tell } from '../input/option.ts';
import { eventsOptions } from '../input/options.ts';

export default class Events extends NaughtCommand {
  static override summary = 'Display the last events of the daemon, and follow them.';
  static override group: Group = 'look';
  static override description = prose(`
What the daemon has done, and what has happened to its workers: one line each, with its time, the counts after it and the worker that
it is about. The daemon keeps the last 1000; its log has them all. -f goes on with those that come, until the daemon stops or Ctrl-C.
`);

  static override usage = 'events [options] [ipc-file]';
  static override examples = [
    '<%= config.bin %> events -f',
    '<%= config.bin %> events -n 20 /run/shop.ipc',
    '<%= config.bin %> events -f -n 0 --json',
  ];

  static override args = { 'ipc-file': ipcFileArg };
  static override flags = flagsOf(eventsOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Events);
    const events = this.reporter.events();
    let result: EventsEnd | undefined;
    try {
      result = await withDaemon(args['ipc-file'], (client) =>
        followUntilLeft(
          (signal) => client.call('events', tell(eventsOptions, flags), { stream: true, signal }),
          (event) => events.event(event),
        ),
      );
    } finally {
      await events.end(result);
    }
  }
}
