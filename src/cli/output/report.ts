import type { Command } from '@oclif/core/command';
import { CallError, errors } from '../../protocol/errors.ts';
import { mentionsJson } from '../input/argv.ts';
import { toUsageError, UsageError } from '../input/usage-error.ts';
import { JsonReporter } from './json.ts';
import { PlainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';

/** `command`: the lines of 1.x differ from command to command. */
export function reporterOf(json: boolean, command = '', noColor = false): Reporter {
  return json ? new JsonReporter() : new PlainReporter(command, noColor);
}

interface Circumstances {
  /** Whose usage is shown; undefined: that of naught. */
  command: Command.Cached | undefined;
  /** The workers' stderr as it was given. */
  stderrLog?: string | undefined;
}

/** Reports why a command did not do what it was told, and sets the exit code. Every error ends here. */
export function fail(thrown: unknown, reporter: Reporter, { command, stderrLog }: Circumstances): void {
  const error = toUsageError(
    thrown,
    Object.keys(command?.flags ?? {}).map((name) => `--${name}`),
  );
  if (error instanceof UsageError) {
    process.exitCode = 2;
    const asked = mentionsJson(process.argv.slice(2)) ? new JsonReporter() : reporter;
    asked.usedWrongly(error.problem, usageText(command));
  } else {
    const callError = CallError.from(error);
    process.exitCode = exitOf(callError);
    reporter.failed(callError, stderrLog);
  }
}

/** A plugin that refuses says with what. */
function exitOf({ kind, detail }: CallError): number {
  const { exit } = (kind === 'refused' ? detail : errors[kind]) as { exit: number };
  return exit;
}

/** How a command is used, for somebody who just used it wrongly: short, so that what is wrong stays in sight above it. */
function usageText(command: Command.Cached | undefined): string {
  const usage = command?.usage ?? 'COMMAND [options]';
  return `USAGE\n  $ naught ${usage}\n\n\`naught help${command ? ` ${command.id}` : ''}\` says more.`;
}
