import type { Command } from '@oclif/core/command';
import { CallError } from '../../protocol/errors.ts';
import { UsageError } from '../input/usage-error.ts';
import { fail, reporterOf } from '../output/report.ts';

/** What oclif's own errors have besides: `this.error()` and `this.exit()` have an exit code, one of its parser is wrong usage. */
interface OclifError extends Error {
  oclif?: { exit?: number };
  parse?: unknown;
}

/** Reports why the command of a plugin did not do what it was told. An error of a command of naught's own is a fault, and thrown on. */
export function failInPlugin(thrown: unknown, command: Command.Loadable, json: boolean): void {
  if (command.pluginType === 'core') throw thrown;
  const reporter = reporterOf(json, command.id);
  const { message, oclif, parse } = thrown as OclifError;
  const isMeant = oclif?.exit !== undefined && parse === undefined;
  const known = thrown instanceof UsageError || thrown instanceof CallError || parse !== undefined;
  if (isMeant) {
    if (!/^EEXIT/.test(message)) reporter.failed(new CallError('plugin', message), undefined);
    process.exitCode = oclif.exit;
  } else {
    const plugin = command.pluginAlias ?? command.pluginName;
    const text = `the plugin ${plugin} failed in its command ${command.id.replaceAll(':', ' ')}: ${message}; \`naught plugins uninstall ${plugin}\` removes it`;
    fail(known ? thrown : new CallError('plugin', text), reporter, { command });
  }
}
