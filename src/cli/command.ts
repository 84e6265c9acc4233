import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { boolean } from '@oclif/core/flags';
import type { LoadOptions } from '@oclif/core/interfaces';
import { fail, reporterOf } from './output/report.ts';
import type { Reporter } from './output/reporter.ts';

/** What one wants to do with a command: the help lists the commands so. */
export type Group = 'run' | 'deploy' | 'look' | 'more';

/** What the commands share: `--json`, the words that belong to the script, whom they report to, and the one way in which they fail. */
export abstract class NaughtCommand extends Command {
  static override baseFlags = {
    json: boolean({ description: 'print the result, or {"error":{...}}, as JSON on stdout and nothing else' }),
    'no-color': boolean({ description: 'no colours, as with NO_COLOR=1' }),
  };

  static group: Group = 'more';

  /** Runs with the configuration that program.ts has loaded, which oclif's own `run` would load a second time. */
  static override async run<Subject extends Command>(
    this: new (
      argv: string[],
      config: Config,
    ) => Subject,
    argv: string[] = [],
    config?: LoadOptions,
  ): Promise<ReturnType<Subject['run']>> {
    const command = new this(argv, config as Config) as Command as NaughtCommand;
    return command._run();
  }

  /** The words behind `--`, which argv.ts put there; undefined when there is none. */
  protected scriptArgs: string[] | undefined;
  /** The workers' stderr, for messages. */
  protected stderrLog: string | undefined;
  protected json = false;
  protected reporter!: Reporter;

  protected override async init(): Promise<void> {
    await super.init();
    const end = this.argv.indexOf('--');
    if (end !== -1) this.scriptArgs = this.argv.splice(end).slice(1);
    this.json = this.argv.includes('--json');
    this.reporter = reporterOf(this.json, this.id, this.argv.includes('--no-color'));
  }

  protected override async catch(error: unknown): Promise<void> {
    const command = this.id === undefined ? undefined : this.config.findCommand(this.id);
    fail(error, this.reporter, { command, stderrLog: this.stderrLog });
  }
}

/** A text that is wrapped in the source, as paragraphs that the help wraps to the width of the terminal. */
export const prose = (text: string): string => text.trim().replaceAll(/(?<!\n)\n(?!\n)/g, ' ');
