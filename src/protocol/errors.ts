import { mostNamedFaults } from './limits.ts';
import { printable, shortened } from './text.ts';

/**
 * Every way a call can end badly, once: its JSON-RPC code, its HTTP status when it is refused before it began, its title and
 * the exit code of the CLI. Kinds of naught itself have positive codes from 1001; those of JSON-RPC keep the specification's.
 */
export const errors = {
  'deploy-in-progress': { code: 1001, status: 409, exit: 1, title: 'A deploy is already in progress' },
  'no-deploy-in-progress': { code: 1002, status: 409, exit: 1, title: 'No deploy in progress' },
  'shutting-down': { code: 1003, status: 409, exit: 1, title: 'The server is shutting down' },
  'deploy-failed': { code: 1004, status: 500, exit: 1, title: 'The deploy failed' },
  'deploy-aborted': { code: 1005, status: 409, exit: 1, title: 'The deploy was aborted' },
  'boot-failed': { code: 1006, status: 500, exit: 1, title: 'The server crashed without booting' },
  'still-booting': { code: 1007, status: 409, exit: 1, title: 'The server is still booting' },
  unavailable: { code: 1008, status: 503, exit: 1, title: 'The daemon went away' },
  'lines-not-kept': { code: 1009, status: 409, exit: 1, title: 'These log lines are not kept' },
  'no-operation': { code: 1020, status: 404, exit: 1, title: 'No such operation' },
  refused: { code: 1021, status: 409, exit: 1, title: 'A plugin refused' },
  plugin: { code: 1022, status: 500, exit: 1, title: 'A plugin cannot be used' },
  'already-running': { code: 1010, status: 409, exit: 1, title: 'A server is already running' },
  'no-bake-in-progress': { code: 1012, status: 409, exit: 1, title: 'No bake in progress' },
  'no-former-release': { code: 1014, status: 409, exit: 1, title: 'Not a release that one can go back to' },
  'release-gone': { code: 1015, status: 409, exit: 1, title: 'What the release runs is gone' },
  'parse-error': { code: -32700, status: 400, exit: 1, title: 'The body is not JSON' },
  'invalid-request': { code: -32600, status: 400, exit: 1, title: 'Not a valid request' },
  'method-not-found': { code: -32601, status: 404, exit: 1, title: 'No such method' },
  'invalid-params': { code: -32602, status: 400, exit: 2, title: 'Invalid parameters' },
  'method-not-allowed': { code: -32001, status: 405, exit: 1, title: 'This route does not take that verb' },
  'not-acceptable': { code: -32002, status: 406, exit: 1, title: 'No acceptable representation' },
  'payload-too-large': { code: -32003, status: 413, exit: 1, title: 'The body is too large' },
  'request-timeout': { code: -32005, status: 408, exit: 1, title: 'The request came too slowly' },
  'header-too-large': { code: -32004, status: 431, exit: 1, title: 'The header is too large' },
  internal: { code: -32603, status: 500, exit: 1, title: 'Internal error' },
} as const;

export type ErrorKind = keyof typeof errors;

/** The form of an error in a stream's last line, in a JSON-RPC response and in `--json`. */
export interface WireError {
  code: number;
  message: string;
  data: { kind: string; detail?: unknown };
}

/**
 * The one error that a call throws, on both sides of the socket. `detail` is what a program can act on; the message is for a person,
 * whose terminal does not run what is in it.
 */
export class CallError extends Error {
  override name = 'CallError';

  constructor(
    readonly kind: ErrorKind,
    message: string = errors[kind].title,
    readonly detail?: unknown,
    options?: ErrorOptions,
  ) {
    super(printable(message), options);
  }

  toWire(): WireError {
    return {
      code: errors[this.kind].code,
      message: this.message,
      data: { kind: this.kind, ...(this.detail === undefined ? {} : { detail: this.detail }) },
    };
  }

  /** A kind that this version does not know (a newer daemon's) becomes `internal` and keeps its message and detail. */
  static fromWire(wire: { message: string; data?: { kind?: string; detail?: unknown } }): CallError {
    const kind = wire.data?.kind;
    return new CallError(isKind(kind) ? kind : 'internal', wire.message, wire.data?.detail);
  }

  static from(error: unknown): CallError {
    if (error instanceof CallError) return error;
    return new CallError('internal', error instanceof Error ? error.message : String(error), undefined, {
      cause: error,
    });
  }
}

/** One parameter that does not fit, in the form that all of `invalid-params` have. */
export interface FieldError {
  /** A path such as `environment.A`; empty: the parameters as a whole. */
  field: string;
  message: string;
}

/** Throw this for parameters that do not fit: its detail names each of them, or the first of very many. */
export function invalidParams(...faults: FieldError[]): CallError {
  const more = faults.length - mostNamedFaults;
  const fields = faults.slice(0, mostNamedFaults).map(({ field, message }) => ({ field: shortened(field), message }));
  const text = faultsText(fields);
  if (more <= 0) return new CallError('invalid-params', text || undefined, { fields });
  return new CallError('invalid-params', `${text}; and ${more} more`, { fields, more });
}

/** `nameOf`: what a field is called there. */
export function faultsText(fields: readonly FieldError[], nameOf = (field: string) => field): string {
  return fields.map(({ field, message }) => `${nameOf(field) || 'the parameters'} ${message}`).join('; ');
}

function isKind(kind: string | undefined): kind is ErrorKind {
  return kind !== undefined && Object.hasOwn(errors, kind);
}
