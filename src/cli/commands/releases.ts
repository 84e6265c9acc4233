import { type Group, NaughtCommand, prose } from '../command.ts';
import { follow, withDaemon } from '../daemon.ts';
import { ipcFileArg } from '../input/flags.ts';
import { releasesText } from '../output/releases.ts';

export default class Releases extends NaughtCommand {
  static override summary = 'Display the releases of the running server, and how each of them ended.';
  static override group: Group = 'look';
  static override description = prose(`
The newest first: number, state, when it was deployed, for how long it served, how many workers it asks for and the script that it
runs, links resolved. Below it what else it changed against the release before; of variables the names, never the values.

start --keep-releases says how many are kept, in the memory of the daemon. A restart and another count make no release of their own.
`);

  static override usage = 'releases [options] [ipc-file]';
  static override examples = ['<%= config.bin %> releases', '<%= config.bin %> releases --json /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };

  async run(): Promise<void> {
    const { args } = await this.parse(Releases);
    const releases = await withDaemon(args['ipc-file'], (client) => follow(client.call('releases', {})));
    this.reporter.result(releases, releasesText(releases));
  }
}
