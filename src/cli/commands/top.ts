import { type Group, NaughtCommand, prose } from '../command.ts';
import { follow, withDaemon } from '../daemon.ts';
import { ipcFileArg } from '../input/flags.ts';
import { needsTerminal } from '../output/messages.ts';
import { isLive } from '../output/terminal/look.ts';

export default class Top extends NaughtCommand {
  static override summary = 'Watch a server and its workers on a full screen, and act on it.';
  static override group: Group = 'look';
  static override description = prose(`
The workers with what they need and how busy they are, now and in the last seconds, what is in progress, and the last lines of the
logs. Keys deploy, restart, roll back, promote, abort and stop, each after a question; ? lists them; q and Ctrl-C leave, and the
server goes on.

When the daemon is stopped, top waits until it is started again.
`);

  static override usage = 'top [options] [ipc-file]';
  static override examples = ['<%= config.bin %> top', '<%= config.bin %> top /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Top);
    const ipcName = args['ipc-file'];
    if (this.json || !isLive(process.stdout) || !process.stdin.isTTY) throw needsTerminal();
    await withDaemon(ipcName, async (client) => {
      const status = await follow(client.call('status', {}));
      const { Session } = await import('../top/session.ts');
      await new Session(client, status, ipcName, flags['no-color']).run();
    });
  }
}
