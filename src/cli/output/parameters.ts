import { CallError, type FieldError, faultsText } from '../../protocol/errors.ts';
import type { Options } from '../input/option.ts';
import {
  deployOptions,
  eventsOptions,
  logsOptions,
  restartOptions,
  rollbackOptions,
  scaleOptions,
  stopOptions,
} from '../input/options.ts';

/** What a person reads about parameters that the daemon refuses: the words that they gave, and not the fields of the API. */

const options: Record<string, Options> = {
  deploy: deployOptions,
  rollback: rollbackOptions,
  restart: restartOptions,
  scale: scaleOptions,
  stop: stopOptions,
  events: eventsOptions,
  logs: logsOptions,
};

/** Those that are no options. */
const words: Record<string, Record<string, string>> = { scale: { workerCount: 'the count' } };

/** The same error in the words of this command line. */
export function inWordsOf(command: string, argv: readonly string[], error: CallError): CallError {
  const { fields, more = 0 } = (error.detail ?? {}) as { fields?: FieldError[]; more?: number };
  if (error.kind !== 'invalid-params' || !fields || more > 0) return error;
  const text = faultsText(fields, (field) => wordFor(command, argv, field));
  return new CallError(error.kind, text, error.detail, { cause: error });
}

/** A field of an option that was not given keeps its name: what is wrong with it is none of the command's doing. */
function wordFor(command: string, argv: readonly string[], field: string): string {
  const entries = Object.entries(options[command] ?? {});
  const option = entries.find(([, [, , place]]) => place === field)?.[0];
  const isGiven = argv.some((word) => word === `--${option}` || word.startsWith(`--${option}=`));
  if (option && isGiven) return `--${option}`;
  return words[command]?.[field] ?? field;
}
