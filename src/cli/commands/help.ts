import { string } from '@oclif/core/args';
import { type Group, NaughtCommand } from '../command.ts';
import { unknownCommand } from '../input/usage-error.ts';
import { showHelp } from '../output/help.ts';

export default class Help extends NaughtCommand {
  static override summary = 'Display help for naught or for one of its commands.';
  static override group: Group = 'more';
  static override usage = 'help [cmd]';
  static override examples = ['<%= config.bin %> help', '<%= config.bin %> help deploy'];
  static override args = { cmd: string({ description: 'the command to display help for', ignoreStdin: true }) };

  async run(): Promise<void> {
    const { args } = await this.parse(Help);
    const { cmd } = args;
    if (cmd !== undefined && this.config.findCommand(cmd) === undefined)
      throw unknownCommand(cmd, this.config.commandIDs);
    if (!this.json) return showHelp(this.config, cmd, 'stdout');
    const commands = this.config.commands.filter(({ id }) => cmd === undefined || id === cmd);
    this.reporter.result({ commands: commands.map(({ id, summary, args, flags }) => ({ id, summary, args, flags })) });
  }
}
