import { CallError } from '../../protocol/errors.ts';
import type { Stopped } from '../../protocol/schemas.ts';
import { NaughtCommand } from '../command.ts';
import { ipcFileArg, path, timeout } from '../input/flags.ts';
import { alreadyStopping, isNotRunning } from '../output/messages.ts';
import { prose } from '../output/prose.ts';
import { stopServer } from '../stop.ts';

/** The result of a stop that found no server: without the release and the process id, as there are none. */
const nothingRuns: Pick<Stopped, 'count' | 'waitingFor'> = {
  count: { booting: 0, online: 0, dying: 0, new_online: 0 },
  waitingFor: null,
};

export default class Stop extends NaughtCommand {
  static override summary = 'Stop the running server.';
  static override description = prose(`
Sends 'shutdown' to all workers, or drains them where naught does that, and waits for them to exit. When no server is running,
that is said, and is no error; --json then gives the counts without a release and a pid.
`);

  static override usage = 'stop [options] [ipc-file]';
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop --timeout 30 /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };
  static override flags = {
    timeout: timeout({
      description: 'kill the workers that are still there after this',
      default: 'none',
    }),
    'pid-file': path({
      description: 'accepted for compatibility with naught 1.x, and not used',
      default: 'naught.pid',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stop);
    const outcome = await stopServer(args['ipc-file'], flags.timeout, {
      onEvent: this.showAllBut('Shutdown', 'WorkerDeath', 'Ready'),
      onJoined: () => this.say(alreadyStopping(flags.timeout === null)),
    });
    for (const { log, bytes } of outcome.lostLogs ?? []) {
      this.say(`${bytes} bytes of ${log} are lost: they could not be written before the server was gone`);
    }
    this.print(outcome);
  }

  /** That there is nothing to stop is what the user wanted: no error, for a program that reads JSON neither. */
  protected override async catch(error: unknown): Promise<void> {
    if (!isNotRunning(error)) return super.catch(error);
    this.say(CallError.from(error).message);
    if (this.json) this.print(nothingRuns);
  }
}
