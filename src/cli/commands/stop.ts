import { CallError } from '../../protocol/errors.ts';
import type { Stopped } from '../../protocol/schemas.ts';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { operate, watchRemoval, withDaemon } from '../daemon.ts';
import { absolutePath } from '../input/files.ts';
import { flagsOf, ipcFileArg } from '../input/flags.ts';
import { tell } from '../input/option.ts';
import { stopOptions } from '../input/options.ts';
import { adviceOf, alreadyStopping, isNotRunning } from '../output/messages.ts';

/** The result of a stop that found no server: without the release and the process id, as there are none. */
const nothingRuns: Pick<Stopped, 'count' | 'waitingFor'> = {
  count: { booting: 0, online: 0, dying: 0, new_online: 0 },
  waitingFor: null,
};

export default class Stop extends NaughtCommand {
  static override summary = 'Stop the running server.';
  static override group: Group = 'run';
  static override description = prose(`
Sends 'shutdown' to all workers, or drains them where naught does that, and waits for them to exit. When no server is running,
that is said, and is no error; --json then gives the counts without a release and a pid.
`);

  static override usage = 'stop [options] [ipc-file]';
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop --timeout 30 /run/shop.ipc'];
  static override args = { 'ipc-file': ipcFileArg };
  static override flags = flagsOf(stopOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Stop);
    const ipcName = args['ipc-file'];
    const pidFile = flags['pid-file'] && absolutePath(flags['pid-file']);
    const removed = watchRemoval(ipcName);
    const outcome = await withDaemon(
      ipcName,
      (client) => {
        const onJoined = () => this.reporter.say(alreadyStopping(flags.timeout === null));
        const call = client.call('stop', tell(stopOptions, flags), { stream: true, onJoined });
        return operate(this.reporter, client, ipcName, call);
      },
      pidFile,
    );
    await removed();
    for (const { log, bytes } of outcome.lostLogs ?? []) {
      this.reporter.say(`${bytes} bytes of ${log} are lost: they could not be written before the server was gone`);
    }
    this.reporter.result(outcome);
    this.reporter.done();
  }

  /** That there is nothing to stop is what the user wanted: no error, for a program that reads JSON neither. */
  protected override async catch(error: unknown): Promise<void> {
    if (!isNotRunning(error)) return super.catch(error);
    const callError = CallError.from(error);
    this.reporter.say(callError.message);
    this.reporter.hint(adviceOf(callError) ?? '');
    this.reporter.result(nothingRuns);
  }
}
