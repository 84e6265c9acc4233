import { UsageError } from './usage-error.ts';

/** Changes to the environment of the workers; null: it is taken away. */
export type Environment = Record<string, string | null>;

/** Those of the command itself: they would make a worker believe it were something else. */
const own = /^(NAUGHT_.*|NODE_CHANNEL_FD|NODE_CHANNEL_SERIALIZATION_MODE|NODE_UNIQUE_ID)$/;

/** The environment of the command, as a deploy passes it on to the new workers. */
export function deployableEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const entries = Object.entries(env).filter(([name, value]) => value !== undefined && !own.test(name));
  return Object.fromEntries(entries) as Record<string, string>;
}

/**
 * What --override-env, --clean-env, --env and --unset say together; undefined: nothing. The last two come on top of the environment of the
 * command. Throws for a variable that is both set and unset, and for a whole environment that shall not be taken.
 */
export function environmentOf(
  override: boolean,
  _option: string,
  options: EnvironmentOptions,
): Environment | undefined {
  const { env = [], unset = [], 'clean-env': clean = false } = options;
  if (clean && !override)
    throw new UsageError('--clean-env takes what --override-env false leaves out: give one of them');
  const set = env.map((variable) => [nameOf(variable), variable.slice(nameOf(variable).length + 1)] as const);
  const both = set.find(([name]) => unset.includes(name));
  if (both) throw new UsageError(`--env and --unset both name ${both[0]}`);
  if (!override && set.length + unset.length === 0) return undefined;
  const inherited = override ? Object.entries(deployableEnvironment()) : [];
  return Object.fromEntries([...inherited, ...set, ...unset.map((name) => [name, null] as const)]);
}

interface EnvironmentOptions {
  env?: string[];
  unset?: string[];
  'clean-env'?: boolean;
}

/** `NAME=VALUE`. The message does not repeat it: a value may be a secret. */
export function readVariable(text: string): string {
  if (!text.slice(1).includes('=') || text.startsWith('=')) throw new UsageError('must be NAME=VALUE');
  return text;
}

export function readVariableName(text: string): string {
  if (text === '' || text.includes('=')) throw new UsageError(`must be the name of a variable, not \`${text}\``);
  return text;
}

const nameOf = (variable: string): string => variable.slice(0, variable.indexOf('='));
