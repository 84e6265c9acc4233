import type { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { CallError, errors, type WireError } from '../../protocol/errors.ts';
import { toUsageError, UsageError } from '../input/usage-error.ts';
import { errorText } from './messages.ts';

/** How a command ends that did not do what it was told. */
export interface ReportOptions {
  config: Config;
  /** The command whose usage is shown; undefined: that of naught. */
  id: string | undefined;
  json: boolean;
  /** The workers' stderr as it was given. */
  stderrLog?: string | undefined;
}

/** Shows an error, on stderr or as JSON on stdout, and sets the exit code. The one place where errors are shown. */
export function report(thrown: unknown, { config, id, json, stderrLog }: ReportOptions): void {
  const command = id === undefined ? undefined : config.findCommand(id);
  const error = toUsageError(thrown, optionsOf(command));
  const usage = error instanceof UsageError;
  process.exitCode = usage ? 2 : errors[CallError.from(error).kind].exit;
  if (json) printJson({ error: toWire(error) });
  else if (usage) console.error(`${error.problem}\n\n${usageText(command)}`);
  else console.error(errorText(CallError.from(error), stderrLog));
}

/** One line, as programs like it. */
export function printJson(value: unknown): void {
  console.log(JSON.stringify(value));
}

function toWire(error: unknown): WireError {
  if (error instanceof UsageError) return new CallError('invalid-params', error.problem).toWire();
  return CallError.from(error).toWire();
}

function optionsOf(command: Command.Cached | undefined): string[] {
  return Object.keys(command?.flags ?? {}).map((name) => `--${name}`);
}

/** How a command is used, for somebody who just used it wrongly: short, so that what is wrong stays in sight above it. */
function usageText(command: Command.Cached | undefined): string {
  const usage = command?.usage ?? 'COMMAND [options]';
  return `USAGE\n  $ naught ${usage}\n\n\`naught help${command ? ` ${command.id}` : ''}\` says more.`;
}
