import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { arrange, readWords } from './input/argv.ts';
import { unknownCommand } from './input/usage-error.ts';
import { fail, reporterOf } from './output/report.ts';
import { findPackage } from './package.ts';
import { failInPlugin } from './plugins/failure.ts';
import { endWithPlugins, withPlugins } from './plugins/index.ts';

/** Returns what runs the command that the words name. It never throws: what went wrong is shown, and in the exit code. */
export async function loadProgram(): Promise<(argv: readonly string[]) => Promise<void>> {
  // A reader that went away (`naught deploy 2>&1 | head`) must not end a command in the midst of a deploy.
  process.stderr.on('error', () => {});
  failOnFullOutput();
  const config = await loadConfig();
  return async (argv) => {
    await run(config, await withPlugins(config, argv));
    endWithPlugins();
  };
}

async function run(config: Config, argv: readonly string[]): Promise<void> {
  const [id] = argv;
  const command = id === undefined ? undefined : config.findCommand(id);
  const words = readWords(argv, command?.flags);
  if (id === undefined) {
    process.exitCode = 1;
    await showHelp(config, undefined, 'stderr');
  } else if (id === '--help' || id === '-h') {
    await showHelp(config, undefined, 'stdout');
  } else if (id === '--version' || id === '-v') {
    console.log(config.version);
  } else if (command === undefined) {
    const reporter = reporterOf(words.options.has('--json'), id);
    fail(unknownCommand(id, config.commandIDs), reporter, { command });
  } else if (words.options.has('--help')) {
    await showHelp(config, id, 'stdout');
  } else {
    await config
      .runCommand(id, arrange(words), command)
      .catch((error) => failInPlugin(error, command, words.options.has('--json')));
  }
}

/**
 * Makes an output that cannot be written (a full disk) end the command with one line. Who reads it going away is no such thing:
 * each command knows what that means.
 */
function failOnFullOutput(): void {
  // Before oclif's own listener, which would throw.
  process.stdout.prependListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`unable to write to stdout: ${error.message.split(', ')[0]}\n`);
    process.exit(1);
  });
}

async function showHelp(...args: Parameters<typeof import('./output/help.ts').showHelp>): Promise<void> {
  await (await import('./output/help.ts')).showHelp(...args);
}

/** naught's commands are compiled, and the user's plugins are loaded where they are used: oclif need not look for either. */
async function loadConfig(): Promise<Config> {
  settings.enableAutoTranspile = false;
  const { root, packageJson } = findPackage();
  const config = new Config({ root, pjson: packageJson as never, userPlugins: false, devPlugins: false });
  await config.load();
  return config;
}
