import { resolve } from 'node:path';
import type { CallOf } from '../calls.ts';
import { type Client as Connection, connect as connectTo } from '../client.ts';
import { type Method, type MethodName, methods } from '../table.ts';
import { following } from './following.ts';
import { type MethodOf, type Methods, methodsOf, type Options } from './methods.ts';

/**
 * `naught2/client`: what the `naught` command itself uses to talk to a running server, over its ipc-file. A deploy of a lost control
 * process is gone on with; one that is left goes on without its watcher.
 */
export type { AnsweredBy, Calls } from '../calls.ts';
export { connectCode } from '../client.ts';
export { CallError, type ErrorKind, errors, type FieldError, type WireError } from '../errors.ts';
export type * from '../log-schemas.ts';
export type * from '../release-schemas.ts';
export type * from '../rollout-schemas.ts';
export type * from '../schemas.ts';
export type * from '../status-schemas.ts';
export type { MethodName } from '../table.ts';
export type { Following } from './following.ts';
export type { MethodOf, Methods, Options } from './methods.ts';

export interface ConnectOptions {
  /** Milliseconds within which the daemon must begin to answer; 30 s when it is not given. */
  answerWithin?: number;
}

/** A connection to a running server: its methods, such as `client.status()`, `client.deploy({…})`, `client.deploy.abort()`. */
export interface Client extends Methods {
  /** The same by name, for names that are not known before. */
  call<Name extends MethodName>(name: Name, ...given: Parameters<MethodOf<Name>>): ReturnType<MethodOf<Name>>;
  /** Drops the connections, and with them the calls in progress. A process ends by itself only when it has been called. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A client of the server at this ipc-file, a path relative to the current directory. Nothing is sent: a server that is not there is
 * told by the first call (`unavailable`, whose `detail.code` is ENOENT), one whose ipc-file belongs to another user likewise
 * (FOREIGN_OWNER). Throws `invalid-params` when the path is too long for a socket.
 */
export async function connect(ipcFile = 'naught.ipc', { answerWithin }: ConnectOptions = {}): Promise<Client> {
  const connection = await connectTo(resolve(ipcFile), answerWithin);
  const call = <Name extends MethodName>(name: Name, params: object = {}, options: Options = {}) =>
    following((events) => begin(connection, name, params, { ...options, stream: events || streams(name) }));
  const close = () => connection.close();
  return Object.assign(methodsOf(call), { call, close, [Symbol.asyncDispose]: close }) as unknown as Client;
}

function begin<Name extends MethodName>(
  connection: Connection,
  name: Name,
  params: object,
  options: Options & { stream: boolean },
): CallOf<Name> {
  return connection.call(name, params as never, options);
}

/** A method that the daemon streams by itself is streamed for its result too: so it can be gone on with. */
const streams = (name: MethodName): boolean => (methods[name] as Method).answers[0] === 'ndjson';
