import type { Config } from '@oclif/core/config';
import { arrange, readWords } from './input/argv.ts';
import { unknownCommand } from './input/usage-error.ts';
import { loadConfig } from './load-config.ts';
import { fail, reporterOf } from './output/report.ts';
import { failInPlugin } from './plugins/failure.ts';
import { endWithPlugins, withPlugins } from './plugins/index.ts';
import type { Load } from './start/library.ts';

/** Returns what runs the command that the words name; `load`: loads the command's file. It never throws: what went wrong is shown, and in the exit code. */
export async function loadProgram(load: Load): Promise<(argv: readonly string[]) => Promise<void>> {
  // A reader that went away (`naught deploy 2>&1 | head`) must not end a command in the midst of a deploy.
  process.stderr.on('error', () => {});
  failOnFullOutput();
  const config = await loadConfig(load);
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
