import type { Config } from '@oclif/core/config';
import { Help } from '@oclif/core/help';

/** oclif's renderer of help. Import this file where help is asked for: the other commands must not pay for it. */

/** Prints the help of a command, or of naught. */
export async function showHelp(config: Config, id: string | undefined, stream: 'stdout' | 'stderr'): Promise<void> {
  const help = new Help(config, { flagSortOrder: 'none', sendToStderr: stream === 'stderr' });
  const command = id === undefined ? undefined : config.findCommand(id);
  await (command === undefined ? help.showHelp([]) : help.showCommandHelp(command));
}
