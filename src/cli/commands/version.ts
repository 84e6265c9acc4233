import { type Group, NaughtCommand } from '../command.ts';

export default class Version extends NaughtCommand {
  static override summary = 'Print the version of naught.';
  static override group: Group = 'more';
  static override usage = 'version';
  static override examples = ['<%= config.bin %> version'];

  async run(): Promise<void> {
    await this.parse(Version);
    const { version } = this.config;
    this.reporter.result({ version }, version);
  }
}
