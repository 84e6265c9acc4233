import { NaughtCommand } from '../command.ts';
import { follow, withDaemon } from '../daemon.ts';
import { ipcFileArg } from '../input/flags.ts';

export default class Status extends NaughtCommand {
  static override summary = 'Display whether a server is running, and how many of its workers are online.';
  static override usage = 'status [options] [ipc-file]';
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };

  async run(): Promise<void> {
    const { args } = await this.parse(Status);
    this.reporter.status(await withDaemon(args['ipc-file'], (client) => follow(client.call('status', {}))));
  }
}
