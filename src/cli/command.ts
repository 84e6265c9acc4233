import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { boolean } from '@oclif/core/flags';
import type { LoadOptions } from '@oclif/core/interfaces';
import type { Event, EventName } from '../protocol/schemas.ts';
import { eventText } from './output/render.ts';
import { printJson, report } from './output/report.ts';

/** What the commands share: `--json`, the words that belong to the script, and the one way in which they fail. */
export abstract class NaughtCommand extends Command {
  static override baseFlags = {
    json: boolean({ description: 'print the result, or {"error":{...}}, as JSON on stdout and nothing else' }),
  };

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

  protected override async init(): Promise<void> {
    await super.init();
    const end = this.argv.indexOf('--');
    if (end !== -1) this.scriptArgs = this.argv.splice(end).slice(1);
    this.json = this.argv.includes('--json');
  }

  protected override async catch(error: unknown): Promise<void> {
    const { config, id, json, stderrLog } = this;
    report(error, { config, id, json, stderrLog });
  }

  /** Prints the result of the command on stdout: as a text, where it has one, or as JSON. */
  protected print(result: unknown, text?: string): void {
    if (this.json) printJson(result);
    else if (text !== undefined) console.log(text);
  }

  /** Prints what happens on the way; a program that reads JSON is spared it. */
  protected say(text: string): void {
    if (!this.json) console.error(text);
  }

  /** Prints events as they come, but for those that the command tells in its own words or that say nothing new. */
  protected showAllBut(...hidden: EventName[]): (event: Event) => void {
    return (event) => {
      if (!(hidden as string[]).includes(event.event)) this.say(eventText(event, process.stderr.isTTY));
    };
  }
}
