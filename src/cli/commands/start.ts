import type { StartConfig } from '../../daemon/start-config.ts';
import type { Status } from '../../protocol/schemas.ts';
import { NaughtCommand } from '../command.ts';
import * as flag from '../input/flags.ts';
import { leave, onInterrupt } from '../input/interrupt.ts';
import { goesOnBooting, removingStale } from '../output/messages.ts';
import { prose } from '../output/prose.ts';
import { statusText } from '../output/render.ts';
import { boot, probe } from '../start/boot.ts';
import { startConfig } from '../start/config.ts';
import { handOver } from '../start/foreground.ts';

export default class Start extends NaughtCommand {
  static override summary = 'Start a server as a daemon of one or more workers.';
  static override description = prose(`
Everything after the script is passed to it. A log or pid-file whose path is /dev/null is not kept. With --daemon-mode false naught
stays in the foreground: SIGHUP deploys, SIGTERM and SIGINT stop, a second SIGINT (Ctrl-C) kills the workers that have not left
1 s later, and - for a log is the command's own stream.

Paths of files are relative to the directory of this command; --cwd is that of the workers only.
`);

  static override usage = 'start [options] server.js [script-options]';
  static override examples = [
    '<%= config.bin %> start server.js',
    "<%= config.bin %> start --worker-count auto --ipc-file /run/shop.ipc --node-args '--max-old-space-size=512' server.js --port 8080",
    '<%= config.bin %> start --daemon-mode false --log - --stdout - --stderr - server.js',
  ];

  static override args = { script: flag.scriptArg };

  static override flags = {
    'worker-count': flag.workerCount({
      description: 'how many workers, up to 1024; auto: one per usable CPU',
      default: '1',
    }),
    'ipc-file': flag.path({ description: 'by which the other commands reach this server', default: 'naught.ipc' }),
    'pid-file': flag.path({ description: 'where the process id of the daemon is written', default: 'naught.pid' }),
    log: flag.path({ description: 'log of what the daemon does', default: 'naught.log' }),
    stdout: flag.path({ description: 'log of what the workers write to stdout', default: 'stdout.log' }),
    stderr: flag.path({ description: 'log of what the workers write to stderr', default: 'stderr.log' }),
    'max-log-size': flag.size({ description: 'a log that is larger is archived', default: '10485760' }),
    'log-keep': flag.keep({ description: 'archives kept of each log', default: 'all' }),
    'log-format': flag.oneOf(['plain', 'json'])({
      description: 'lines as the workers wrote them, or wrapped in JSON',
      default: 'plain',
    }),
    cwd: flag.path({ description: 'working directory of the workers', default: '.' }),
    'daemon-mode': flag.onOff({ description: 'false: stay in the foreground', default: 'true' }),
    'remove-old-ipc': flag.onOff({
      description: 'remove the ipc-file of a daemon that died; never a file that is not one',
      default: 'false',
    }),
    'node-args': flag.nodeArgs({ description: 'arguments of node, in one word, quoted as for a shell' }),
    'online-on': flag.oneOf(['message', 'listening'])({
      description: "a worker is online when it sends 'online', or as soon as it listens",
      default: 'message',
    }),
    drain: flag.oneOf(['auto', 'app'])({
      description:
        "auto: naught drains a worker that does not handle 'shutdown' itself; app: that is left to the application",
      default: 'auto',
    }),
    'drain-linger': flag.linger({
      description:
        "how long a leaving worker keeps idle connections open; auto: a little over the server's keepAliveTimeout",
      default: 'auto',
    }),
    'drain-timeout': flag.drainTimeout({
      description:
        "kill a worker that leaves for longer; default: 30 where naught drains, none where the application handles 'shutdown'",
      default: 'default',
    }),
    'drain-spread': flag.seconds({ description: 'close WebSockets spread over this time', default: '5' }),
    scheduling: flag.oneOf(['rr', 'none'])({
      description: 'rr: the daemon hands connections to the workers in turn; none: the system does',
      default: 'rr',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Start);
    this.stderrLog = flags.stderr;
    const config = startConfig(this.config.version, flags, args.script, this.scriptArgs ?? []);
    const running = await this.findRunning(config);
    if (running !== undefined) this.refuse(running);
    else if (config.foreground) handOver({ config, json: this.json, stderrLog: flags.stderr });
    else await this.bootDaemon(config);
  }

  /** The status of a server that already runs; throws when its daemon died and left its ipc-file. */
  private async findRunning(config: StartConfig): Promise<Status | undefined> {
    const probed = await probe(config.ipcName);
    if (probed.found === 'running') return probed.status;
    if (probed.found === 'stale') {
      if (!config.removeOldIpc) throw probed.error;
      this.say(removingStale(config.ipcName));
    }
    return undefined;
  }

  private async bootDaemon(config: StartConfig): Promise<void> {
    const ignoreInterrupts = onInterrupt(() => {
      if (process.stderr.isTTY) this.say(goesOnBooting(config.ipcName));
      leave();
    });
    try {
      // A boot that fails ends in Shutdown, for which the error that follows has the words.
      const result = await boot(config, this.showAllBut('Ready', 'Shutdown'));
      if ('running' in result) this.refuse(result.running);
      else this.print(result.booted, statusText(result.booted));
    } finally {
      ignoreInterrupts();
    }
  }

  private refuse(running: Status): void {
    this.print(running, statusText(running));
    process.exitCode = 1;
  }
}
