import type { buildConnector, Dispatcher } from 'undici';
import type { Call, CallOf, Calls } from './calls.ts';
import { connectTrusted } from './connector.ts';
import { CallError, type WireError } from './errors.ts';
import { socketPathProblem } from './ipc-file.ts';
import { resumed } from './resume.ts';
import { joinedHeader, type Method, type MethodName, mediaTypes, methods } from './table.ts';
import { CutShort, decodeCall } from './wire.ts';

export interface CallOptions {
  /** Asks for the events; without it the call yields nothing and returns its result. */
  stream?: boolean;
  /** Ends the following, never the operation. The call then throws the signal's reason. */
  signal?: AbortSignal;
  /** The operation had begun before this call and is being followed from its first event. */
  onJoined?: () => void;
}

/** A connection to a daemon. Nothing is sent before the first `next()` of a call. */
export interface Client {
  call<Name extends MethodName>(name: Name, params: Calls[Name]['params'], options?: CallOptions): CallOf<Name>;
  /** Drops the connections, and with them the calls in progress. */
  close(): Promise<void>;
}

/** Milliseconds until a daemon's first answer: one that is busy, or whose control process is started again, needs some. */
const answerDeadline = 30_000;

/**
 * A client of the daemon that listens at the ipc-file. Its calls throw one CallError: that of the daemon, or `unavailable` when
 * nobody answers (`detail.code` is the system's code, such as ENOENT, or one of those below) or the answer ends before its last line.
 * Throws `invalid-params` when the path is too long for a socket.
 */
export async function connect(ipcFile: string, answerWithin: number = answerDeadline): Promise<Client> {
  const problem = socketPathProblem(ipcFile);
  if (problem !== undefined) throw new CallError('invalid-params', problem);
  const { Pool, request } = await import('./undici.ts');
  // Each is opened when it is needed. None may queue behind a stream: an abort behind the deploy that it ends, a question behind logs.
  const pool = new Pool('http://localhost', { connect: connector(ipcFile), connections: 8, bodyTimeout: 0 });
  const send: Send = (options) => request.call(pool, options);
  const begin: Begin = (name, params, options) =>
    run(send, requestOf(name, params, options, answerWithin), options) as never;
  return {
    call: (name, params, options = {}) => goingOn(begin, name, params, options),
    close: () => pool.destroy(),
  };
}

type Begin = <Name extends MethodName>(name: Name, params: object, options: CallOptions) => CallOf<Name>;

/** A stream that is lost goes on by the method that its row names. */
function goingOn<Name extends MethodName>(
  begin: Begin,
  name: Name,
  params: object,
  options: CallOptions,
): CallOf<Name> {
  const first = begin(name, params, options);
  const { resumedBy }: Method = methods[name];
  if (!options.stream || resumedBy === undefined) return first;
  const { signal } = options;
  const next = resumedBy as MethodName;
  const kept = next === name ? params : {};
  return resumed(
    first,
    (since) =>
      begin(next, methods[next].params === 'NoParams' ? kept : { ...kept, since }, {
        stream: true,
        ...(signal && { signal }),
      }) as typeof first,
  );
}

/** In place of a code of the system: somebody took the connection, and did not answer in HTTP. */
export const noAnswer = 'NO_ANSWER';
/** Somebody took the connection, and did not answer at all for so long. */
export const noAnswerInTime = 'NO_ANSWER_IN_TIME';

/** The code of the system that kept a call from reaching a daemon (ENOENT, ECONNREFUSED, …); undefined for other errors. */
export function connectCode(error: unknown): string | undefined {
  if (!(error instanceof CallError) || error.kind !== 'unavailable') return undefined;
  return (error.detail as { code?: string } | undefined)?.code;
}

type Send = (options: Dispatcher.RequestOptions) => Promise<Dispatcher.ResponseData>;

async function* run<Result, Event>(
  send: Send,
  request: Dispatcher.RequestOptions,
  options: CallOptions,
): Call<Result, Event> {
  const response = await send(request).catch((error) => {
    throw options.signal?.aborted ? error : unreachable(error);
  });
  if (response.statusCode >= 400) throw await refusal(response);
  if (response.headers[joinedHeader] === '1') options.onJoined?.();
  const chunks = readThrough(response.body, options.signal);
  if (options.stream === true) return yield* decodeCall<Result, Event>(chunks);
  return JSON.parse(await textOf(chunks)) as Result;
}

function requestOf(
  name: MethodName,
  params: object,
  options: CallOptions,
  answerWithin: number,
): Dispatcher.RequestOptions {
  const { verb, path } = methods[name];
  return {
    method: verb,
    path: verb === 'GET' ? path + queryOf(params) : path,
    headers: {
      accept: options.stream === true ? mediaTypes.ndjson : mediaTypes.json,
      ...(verb === 'POST' ? { 'content-type': mediaTypes.json } : {}),
    },
    body: verb === 'POST' ? JSON.stringify(params) : null,
    signal: options.signal ?? null,
    // Operations last as long as they last: without their events, the first answer is their end.
    headersTimeout: options.stream === true || verb === 'GET' ? answerWithin : 0,
  };
}

/** The parameters of a GET, as the daemon reads them back by the method's schema. */
function queryOf(params: object): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}

/** Each connection is looked at anew: the daemon may have made its ipc-file again since the last one. */
function connector(ipcFile: string): buildConnector.connector {
  return (_options, done) => {
    try {
      const socket = connectTrusted(ipcFile);
      const failed = (error: Error) => done(error, null);
      socket.once('error', failed).once('connect', () => done(null, socket.off('error', failed)));
    } catch (error) {
      done(Object.assign(error as Error, { syscall: 'connect' }), null);
    }
  };
}

/** No answer at all: nobody listens, or whoever does is no naught, or went away before it began to answer. */
function unreachable(error: NodeJS.ErrnoException): CallError {
  const { syscall, code } = error;
  if (syscall === 'connect') {
    return new CallError('unavailable', `no connection to the ipc-file: ${error.message}`, { code }, { cause: error });
  }
  const late = code === 'UND_ERR_HEADERS_TIMEOUT';
  const detail = { code: late ? noAnswerInTime : noAnswer };
  return new CallError('unavailable', `no answer: ${error.message}`, detail, { cause: error });
}

/** The bytes of a body; a connection that breaks in their midst is an answer cut short. */
async function* readThrough(body: AsyncIterable<Uint8Array>, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw signal?.aborted ? error : new CutShort(error);
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

/** A call refused before it began: problem+json (RFC 9457), whose `error` member is the error as a stream would give it. */
async function refusal(response: Dispatcher.ResponseData): Promise<CallError> {
  const text = await textOf(readThrough(response.body));
  const problem = parseProblem(text);
  if (problem?.error !== undefined) return CallError.fromWire(problem.error);
  const message =
    problem?.detail ?? problem?.title ?? `the daemon answered ${response.statusCode}: ${text.slice(0, 200)}`;
  const kind = problem?.type?.replace(/^urn:naught:/, '');
  return CallError.fromWire({ message, data: kind === undefined ? {} : { kind } });
}

function parseProblem(text: string): { type?: string; title?: string; detail?: string; error?: WireError } | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
