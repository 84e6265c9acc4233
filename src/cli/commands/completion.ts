import { string } from '@oclif/core/args';
import { type Group, NaughtCommand, prose } from '../command.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { modelOf } from '../completion/model.ts';
import { type Shell, shells } from '../completion/text.ts';
import { zshScript } from '../completion/zsh.ts';
import { UsageError } from '../input/usage-error.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

export default class Completion extends NaughtCommand {
  static override summary = 'Print what makes a shell complete the words of naught.';
  static override group: Group = 'more';
  static override description = prose(`
Commands, options, their values, scripts and the ipc-files of the folder. For bash, put eval "$(naught completion bash)" into ~/.bashrc;
for zsh, eval "$(naught completion zsh)" into ~/.zshrc, after compinit; for fish, the script into
~/.config/fish/completions/naught.fish.
`);

  static override usage = `completion ${shells.join('|')}`;
  static override examples = [
    'eval "$(<%= config.bin %> completion bash)"',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/naught.fish',
  ];

  static override args = { shell: string({ description: shells.join(', '), required: true, ignoreStdin: true }) };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const shell = shells.find((each) => each === args.shell);
    if (shell === undefined) throw new UsageError(`the shell must be ${shells.join(', ')}, not \`${args.shell}\``);
    const script = scripts[shell satisfies Shell](modelOf(this.config.commands));
    this.reporter.result({ shell, script }, script.trimEnd());
  }
}
