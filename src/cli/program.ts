import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { withHomeAndShell } from './home.ts';
import { arrange, readWords } from './input/argv.ts';
import { unknownCommand } from './input/usage-error.ts';
import { failOnFullOutput } from './output/full-output.ts';
import { report } from './output/report.ts';
import { findPackage } from './package.ts';

/** Runs the command that the words name. Never throws: what went wrong is shown, and in the exit code. */
export async function runProgram(argv: readonly string[]): Promise<void> {
  // A reader that went away (`naught deploy 2>&1 | head`) must not end a command in the midst of a deploy.
  process.stderr.on('error', () => {});
  failOnFullOutput();
  const config = await withHomeAndShell(loadConfig);
  const words = readWords(argv);
  const id = words.command;
  const command = id === undefined ? undefined : config.findCommand(id);
  if (id === undefined) {
    process.exitCode = 1;
    await showHelp(config, undefined, 'stderr');
  } else if (id === '--help' || id === '-h') {
    await showHelp(config, undefined, 'stdout');
  } else if (id === '--version' || id === '-v') {
    console.log(config.version);
  } else if (command === undefined) {
    report(unknownCommand(id, config.commandIDs), { config, id: undefined, json: words.options.has('--json') });
  } else if (words.options.has('--help')) {
    await showHelp(config, id, 'stdout');
  } else {
    await config.runCommand(id, arrange(words), command);
  }
}

async function showHelp(...args: Parameters<typeof import('./output/help.ts').showHelp>): Promise<void> {
  await (await import('./output/help.ts')).showHelp(...args);
}

/** naught has no plugins, and its commands are compiled: oclif need not look for either. */
async function loadConfig(): Promise<Config> {
  settings.enableAutoTranspile = false;
  const { root, packageJson } = findPackage();
  const config = new Config({ root, pjson: packageJson as never, userPlugins: false, devPlugins: false });
  await config.load();
  return config;
}
