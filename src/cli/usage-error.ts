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

/** What oclif's parser throws; which of its errors it is shows in its members. */
interface ParseError extends Error {
  flags?: string[];
  args?: (string | { name: string })[];
  parse?: unknown;
}

/** Errors of oclif's parser in naught's words; any other error as it is. */
export function toUsageError(error: unknown): unknown {
  if (error instanceof UsageError || !(error instanceof Error) || !('oclif' in error)) return error;
  const { flags, args, message } = error as ParseError;
  if (flags !== undefined) return new UsageError(`unknown option ${flags.map(nameOf).join(', ')}`);
  if (args !== undefined) return new UsageError(argumentProblem(args));
  const [firstLine = message] = message.split('\n');
  return new UsageError(firstLine.replace(/^Flag /, ''));
}

function argumentProblem(args: (string | { name: string })[]): string {
  const missing = args.filter((arg) => typeof arg !== 'string').map(({ name }) => name);
  if (missing.length > 0) return `missing ${missing.join(', ')}`;
  return `unexpected argument ${args.map((arg) => `\`${arg}\``).join(', ')}`;
}

const nameOf = (flag: string): string => flag.split('=', 1)[0]!;
