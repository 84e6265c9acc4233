import { setTimeout as sleep } from 'node:timers/promises';
import { CallError } from '../../protocol/errors.ts';
import type { Status as ServerStatus } from '../../protocol/status-schemas.ts';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { follow, withDaemon } from '../daemon.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { statusOptions } from '../input/options.ts';

/** Milliseconds between two looks of --watch. */
const lookMs = 1_000;

export default class Status extends NaughtCommand {
  static override summary = 'Display whether a server is running, and how many of its workers are online.';
  static override group: Group = 'look';
  static override description = prose(`
On a terminal a table of the workers follows (what they need, how busy they are, how often they were started again), and what is in
progress: for whom it waits, and how to end it. --json has all of it.

With --watch a server that goes away is waited for: it may come back.
`);

  static override usage = 'status [options] [ipc-file]';
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --watch',
    '<%= config.bin %> status --json /run/shop.ipc',
  ];

  static override args = { 'ipc-file': ipcFileArg };
  static override flags = flagsOf(statusOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Status);
    const about = { ipcName: args['ipc-file'], again: flags.watch === true };
    await this.reporter.overview(await statusAt(about.ipcName), about);
    if (!flags.watch) return;
    endWell();
    for (;;) {
      await sleep(lookMs);
      await this.reporter.overview(await statusAt(about.ipcName).catch(CallError.from), about);
    }
  }
}

const statusAt = (ipcName: string): Promise<ServerStatus> =>
  withDaemon(ipcName, (client) => follow(client.call('status', {})));

/** Who has seen enough leaves by Ctrl-C, or closes the pipe. */
function endWell(): void {
  process.once('SIGINT', () => process.exit(0));
  process.stdout.on('error', () => process.exit(0));
}
