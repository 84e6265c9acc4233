import type { CompletedCommand, CompletedOption } from './model.ts';
import { shells } from './text.ts';

/** The script that fish reads: `naught completion fish | source`, or as a file naught.fish in its folder of completions. */
export function fishScript(commands: CompletedCommand[]): string {
  const first = commands.map(
    ({ id, summary }) => `complete -c naught -n __fish_use_subcommand -a '${id}' -d '${summary}'`,
  );
  return `# naught for fish: naught completion fish | source
complete -c naught -f
${[...first, ...commands.flatMap((command) => linesOf(command, commands))].join('\n')}
`;
}

function linesOf({ id, options, argument }: CompletedCommand, commands: CompletedCommand[]): string[] {
  const line = `complete -c naught -n '__fish_seen_subcommand_from ${id}'`;
  const files = {
    script: [`${line} -F`],
    'ipc-file': [`${line} -k -a '(__fish_complete_suffix .ipc)'`],
    command: [`${line} -a '${commands.map((command) => command.id).join(' ')}'`],
    shell: [`${line} -a '${shells.join(' ')}'`],
    nothing: [],
  }[argument];
  return [...options.map((option) => `${line} ${optionOf(option)}`), ...files];
}

function optionOf({ name, char, help, value }: CompletedOption): string {
  const short = char === undefined ? '' : ` -s ${char}`;
  const words = value && value.words.length > 0 ? ` -a '${value.words.join(' ')}'` : '';
  const takes = value === null ? '' : ` ${value.path ? '-r -F' : '-x'}${words}`;
  return `-l ${name}${short}${takes} -d '${help}'`;
}
