import type { DeployParams } from '../../protocol/schemas.ts';
import { NaughtCommand } from '../command.ts';
import { deploy } from '../deploy.ts';
import { deployableEnvironment } from '../environment.ts';
import { directoryPath, scriptPath } from '../input/files.ts';
import { ipcFileArg, newWorkerCount, nodeArgs, onOff, path, timeout } from '../input/flags.ts';
import { prose } from '../output/prose.ts';

export default class Deploy extends NaughtCommand {
  static override summary = 'Replace the workers by new ones, without losing a request.';
  static override description = prose(`
All new workers are started and waited for before a single old one is asked to leave. When a new one fails, or the deploy is
aborted before all are online, the old ones go on as if nothing had been: with their code, environment, directory and count.

A deploy hangs when a new worker never becomes online or an old one never exits. Ctrl-C aborts it; so does the timeout.

Without --script the new workers run the script that the server was started with, by the path that was given: when it leads
through a symbolic link, they run what that now points to.
`);

  static override usage = 'deploy [options] [ipc-file] [-- script-options]';
  static override examples = [
    '<%= config.bin %> deploy',
    '<%= config.bin %> deploy --worker-count 4 --timeout 60 --cwd /srv/shop/current /run/shop.ipc',
    '<%= config.bin %> deploy --script server2.js naught.ipc -- --port 8080',
  ];

  static override args = { 'ipc-file': ipcFileArg };
  static override flags = {
    'worker-count': newWorkerCount({
      description:
        'how many workers to run from now on, up to 1024; 0 keeps the count, auto is the number of usable CPUs',
      default: '0',
    }),
    'override-env': onOff({
      description:
        "set the variables of this command's environment for the new workers; those it lacks stay as they are",
      default: 'true',
    }),
    timeout: timeout({ description: 'abort the deploy when it takes longer', default: 'none' }),
    'wait-old': onOff({
      description:
        'wait until the old workers have left; false: done when they were asked to, while they finish what they have',
      default: 'true',
    }),
    cwd: path({ description: 'working directory of the new workers', default: '.' }),
    script: path({ description: 'another script to run from now on' }),
    'node-args': nodeArgs({ description: 'other arguments of node, in one word, quoted as for a shell' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Deploy);
    const params: DeployParams = {
      workerCount: flags['worker-count'],
      timeout: flags.timeout,
      cwd: directoryPath(flags.cwd),
      ...(flags['wait-old'] ? {} : { waitOld: false }),
      ...(flags['override-env'] ? { environment: deployableEnvironment() } : {}),
      ...(flags.script === undefined ? {} : { script: scriptPath(flags.script) }),
      ...(flags['node-args'] === undefined ? {} : { nodeArgs: flags['node-args'] }),
      ...(this.scriptArgs === undefined ? {} : { args: this.scriptArgs }),
    };
    const outcome = await deploy(args['ipc-file'], params, {
      onEvent: this.showAllBut('Ready', 'DeployFailed'),
      onAbort: () => this.say('aborting deploy'),
    });
    this.print(outcome);
    this.say('done');
  }
}
