import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { Help } from '@oclif/core/help';
import type { Group } from '../command.ts';

/** The help, with oclif's renderer for that of a command. Import this file where help is asked for: the other commands must not pay for it. */

/** What one wants to do, in the order in which one comes to it. */
const groups: Record<Group, string> = {
  run: 'RUN A SERVER',
  deploy: 'CHANGE WHAT RUNS',
  look: 'LOOK AT IT',
  more: 'MORE',
};

/** Prints the help of a command, or of naught. */
export async function showHelp(config: Config, id: string | undefined, stream: 'stdout' | 'stderr'): Promise<void> {
  const help = new Help(config, { flagSortOrder: 'none', sendToStderr: stream === 'stderr' });
  const command = id === undefined ? undefined : config.findCommand(id);
  if (command !== undefined) return help.showCommandHelp(command);
  process[stream].write(overview(config));
}

/** The commands by what one wants to do, each with an example. Those of plugins come last. */
function overview({ commands, version }: Config): string {
  const shown = commands.filter(({ hidden }) => !hidden).sort((one, other) => (one.id < other.id ? -1 : 1));
  const width = Math.max(...shown.map(({ id }) => wordsOf(id).length));
  const listed = (Object.keys(groups) as Group[]).map((group) => {
    const members = shown.filter((command) => groupOf(command) === group);
    return [groups[group], ...members.map((command) => entryOf(command, width))].join('\n');
  });
  return `Zero-downtime deployment for Node.js servers. naught ${version}

USAGE
  $ naught COMMAND [options]

${listed.join('\n\n')}

\`naught help COMMAND\` says more; docs/README.md of the package is the guide.
`;
}

function entryOf({ id, summary = '', examples = [] }: Command.Loadable, width: number): string {
  const [example] = examples;
  const shown = typeof example === 'string' ? example : example?.command;
  const first = `  ${wordsOf(id).padEnd(width)}  ${summary}`;
  const gap = ' '.repeat(width + 4);
  return shown === undefined ? first : `${first}\n${gap}$ ${shown.replaceAll('<%= config.bin %>', 'naught')}`;
}

/** The manifest has it; a plugin's command has none. */
const groupOf = (command: Command.Loadable): Group => (command as { group?: Group }).group ?? 'more';

const wordsOf = (id: string): string => id.replaceAll(':', ' ');
