import { hint } from './suggest.ts';
import { ownCommand, ownOption } from './words-of-others.ts';

/** A command line that cannot be understood: its message, the usage, and exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
  /** The message as it was: oclif puts words of its own into that of an error thrown while it parses. */
  readonly problem: string;

  constructor(problem: string) {
    super(problem);
    this.problem = problem;
  }
}

/** For a command that does not exist: names it, and the one that was meant. */
export function unknownCommand(id: string, commands: readonly string[]): UsageError {
  if (id.startsWith('-')) return new UsageError(`the command comes first: \`${id}\` is an option`);
  return new UsageError(`unknown command \`${id}\`${ownCommand(id, commands) ?? hint(id, commands)}`);
}

/** What oclif's parser throws; which of its errors it is shows in its members. */
interface ParseError extends Error {
  flags?: string[];
  args?: (string | { name: string })[];
  parse?: unknown;
}

/** Errors of oclif's parser in naught's words; any other error as it is. `options`: those that the command has. */
export function toUsageError(error: unknown, options: readonly string[]): unknown {
  if (error instanceof UsageError || !(error instanceof Error) || !('oclif' in error)) return error;
  const { flags, args, message } = error as ParseError;
  if (flags !== undefined) return new UsageError(flags.map((flag) => optionProblem(nameOf(flag), options)).join('\n'));
  if (args !== undefined) return new UsageError(argumentProblem(args));
  const [firstLine = message] = message.split('\n');
  return new UsageError(firstLine.replace(/^Flag /, ''));
}

function optionProblem(name: string, options: readonly string[]): string {
  return `unknown option \`${name}\`${ownOption(name, options) ?? hint(name, options)}`;
}

function argumentProblem(args: (string | { name: string })[]): string {
  const missing = args.filter((arg) => typeof arg !== 'string').map(({ name }) => name);
  if (missing.length > 0) return `missing ${missing.join(', ')}`;
  return `unexpected argument ${args.map((arg) => `\`${arg}\``).join(', ')}`;
}

const nameOf = (flag: string): string => flag.split('=', 1)[0]!;
