import type { StartConfig } from '../../daemon/start-config.ts';
import type { Status } from '../../protocol/status-schemas.ts';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { flagsOf, scriptArg } from '../input/flags.ts';
import { leave, onInterrupt } from '../input/interrupt.ts';
import { startOptions } from '../input/options.ts';
import { alreadyRunning, goesOnBooting, removingStale } from '../output/messages.ts';
import { boot, probe } from '../start/boot.ts';
import { startConfig } from '../start/config.ts';
import { handOver } from '../start/foreground.ts';

export default class Start extends NaughtCommand {
  static override summary = 'Start a server as a daemon of one or more workers.';
  static override group: Group = 'run';
  static override description = prose(`
Everything after the script is passed to it. A log or pid-file whose path is /dev/null is not kept. With --daemon-mode false naught
stays in the foreground: SIGHUP deploys, SIGTERM and SIGINT stop, a second SIGINT (Ctrl-C) kills the workers that have not left
1 s later, and - for a log is the command's own stream.

Ctrl-C while the server boots says what goes on and how to stop it; a second one stops it.

Paths of files are relative to the directory of this command, by the symbolic link that the shell came by; --cwd is that of the
workers only. Write --node-args=… in one word: where naught is run as \`node …/main.js\`, node takes a word that begins with
--env-file for its own, wherever it stands.
`);

  static override usage = 'start [options] server.js [script-options]';
  static override examples = [
    '<%= config.bin %> start server.js',
    "<%= config.bin %> start --worker-count auto --ipc-file /run/shop.ipc --node-args='--max-old-space-size=512' server.js --port 8080",
    '<%= config.bin %> start --timeout 60 server.js',
    '<%= config.bin %> start --daemon-mode false --log - --stdout - --stderr - server.js',
  ];

  static override args = { script: scriptArg };

  static override flags = flagsOf(startOptions);

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Start);
    this.stderrLog = flags.stderr;
    const config = startConfig(this.config.version, flags, args.script, this.scriptArgs ?? []);
    const running = await this.findRunning(config);
    if (running !== undefined) throw alreadyRunning(config.ipcName, running);
    else if (config.foreground) handOver({ config, json: this.json, stderrLog: flags.stderr });
    else await this.bootDaemon(config);
  }

  /** The status of a server that already runs; throws when its daemon died and left its ipc-file. */
  private async findRunning(config: StartConfig): Promise<Status | undefined> {
    const probed = await probe(config.ipcName);
    if (probed.found === 'running') return probed.status;
    if (probed.found === 'stale') {
      if (!config.removeOldIpc) throw probed.error;
      this.reporter.say(removingStale(config.ipcName));
    }
    return undefined;
  }

  private async bootDaemon(config: StartConfig): Promise<void> {
    const stop = new AbortController();
    const ignoreInterrupts = onInterrupt(
      () => this.reporter.say(goesOnBooting(config.ipcName)),
      () => {
        this.reporter.say('stopping the server');
        stop.abort();
      },
    );
    try {
      const result = await boot(config, this.reporter, stop.signal);
      if ('running' in result) throw alreadyRunning(config.ipcName, result.running);
      if ('stopped' in result) leave();
      this.reporter.status(result.booted);
      this.reporter.done();
    } finally {
      ignoreInterrupts();
    }
  }
}
