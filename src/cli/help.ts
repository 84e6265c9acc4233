import type { Config } from '@oclif/core/config';
import { Help } from '@oclif/core/help';

/** oclif's renderer of help. Import this file where help is asked for: the other commands must not pay for it. */

type Stream = 'stdout' | 'stderr';

/** Prints the help of a command, or of naught. */
export async function showHelp(config: Config, id: string | undefined, stream: Stream): Promise<void> {
  await render(config, id, { sendToStderr: stream === 'stderr' });
}

/** Prints how a command is used, for somebody who just used it wrongly. */
export async function showUsage(config: Config, id: string | undefined): Promise<void> {
  const sections = id === undefined ? {} : { sections: ['usage', 'arguments', 'flags'] };
  await render(config, id, { sendToStderr: true, ...sections });
}

async function render(config: Config, id: string | undefined, options: object): Promise<void> {
  const help = new Help(config, { flagSortOrder: 'none', ...options });
  const command = id === undefined ? undefined : config.findCommand(id);
  await (command === undefined ? help.showHelp([]) : help.showCommandHelp(command));
}
