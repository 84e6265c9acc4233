import type { AnsweredBy, Calls } from '../protocol/calls.ts';
import type { WireError } from '../protocol/errors.ts';
import type { Event, Stopped } from '../protocol/schemas.ts';
import type { Built } from './build.ts';
import type { StartConfig } from './start-config.ts';

/**
 * The messages between the supervisor and the control process, over the IPC channel of the latter. A supervisor starts control
 * again when it dies: everything that control must know then is in `attach`, followed, when it is `ready`, by one `pipe` for each
 * open log pipe, which goes on with `pipe-taken` and `read`: one process reads a pipe at a time.
 */
export type ToControl =
  | {
      type: 'attach';
      config: ControlConfig;
      files: FilesForControl;
      operation: OperationRecord | null;
      /** The last events of the daemon. */
      recent: Event[];
      restarts: number;
      lastDeath?: string;
      /** What its predecessors have not said to have logged. */
      unlogged: LogEntry[];
    }
  /** The ipc-file was made again. */
  | { type: 'files'; files: FilesForControl }
  /** A client that connected to the ipc-file: the socket comes with the message; the supervisor keeps a copy until `client-taken`. */
  | { type: 'client'; id: number }
  /** Are you there? Answered at once by `pong`, whatever else waits for its turn. */
  | { type: 'ping' }
  /** A worker's stdout or stderr: the reading end comes with the message; the supervisor keeps a copy. Not to be read before `read`. */
  | { type: 'pipe'; pipe: PipeInfo }
  /** The supervisor does not read it any more. `kept`: what it has read, in base64, after it had dropped so many bytes. `ended`: to its end. */
  | { type: 'read'; pipe: PipeInfo; kept?: string; dropped: number; ended: boolean }
  | { type: 'begun'; operation: { id: number; kind: OperationKind } }
  | (LogEntry & { type: 'event' })
  | { type: 'ended'; operation: number; end: OperationEnd }
  /** The answer to a `call` of the same id. */
  | { type: 'reply'; id: number; reply: Reply }
  | (LogEntry & { type: 'note' })
  /** SIGUSR2: an outside logrotate has moved the logs. */
  | { type: 'reopen-logs' }
  /**
   * The last operation is over: read the pipes to their ends, write everything out, answer the clients, exit 0. `pipes`: those of
   * which `read` is still to come.
   */
  | { type: 'finish'; operation: number; end: OperationEnd; pipes: PipeInfo[] };

/** Something for the daemon's own log, with its running number: an event, or a note that is none. */
export type LogEntry =
  | { type: 'event'; entry: number; event: Event }
  | { type: 'note'; entry: number; level: 'info' | 'warn' | 'error'; text: string };

export type ToSupervisor =
  | { type: 'call'; id: number; call: SupervisorCall }
  /** The error of `finish` with what the failed worker last said, for a daemon in the foreground to show. */
  | { type: 'explained'; error: WireError }
  /** The logs are open: pipes may come. */
  | { type: 'ready' }
  | { type: 'pong' }
  /** Control has this client: what it asks and is answered is control's affair. */
  | { type: 'client-taken'; id: number }
  /** The entry is in the daemon's log, or waits for its disk. */
  | { type: 'logged'; entry: number }
  /** Control has this pipe, and waits for `read`. */
  | { type: 'pipe-taken'; pipe: number }
  /** What came with `read` is in the log, or waits for its disk. */
  | { type: 'kept-logged'; pipe: number }
  /** Everything of this pipe has been read: the supervisor may close its copy. */
  | { type: 'pipe-ended'; pipe: number };

export interface ControlConfig extends Built, Omit<StartConfig, 'environment'> {
  supervisorPid: number;
}

/** What control removes when the supervisor was killed. */
export interface FilesForControl {
  /** Paths by which the folders can be opened while the supervisor lives, also when they were moved. */
  ipcFolder: string;
  pidFolder: string;
  /** Inode of the ipc-file, so that somebody else's stays. */
  ipcInode: number;
  /** Paths where copies of naught's own programs may be, which were made because the package was taken away. */
  copies: string[];
}

export interface PipeInfo {
  /** Number of the pipe, unique in the daemon's life. */
  id: number;
  worker: number;
  slot: number;
  pid: number;
  stream: 'stdout' | 'stderr';
}

export type OperationKind = 'boot' | 'deploy' | 'stop';

/** An operation is an append-only list of its events, and its end. */
export interface OperationRecord {
  id: number;
  kind: OperationKind;
  events: Event[];
  end?: OperationEnd;
}

/** How an operation ended: the state after it, which is a result for each method that begins one, and what went wrong, if anything did. */
export interface OperationEnd {
  outcome: Stopped;
  error?: WireError;
  failure?: WorkerFailure;
}

/** Which worker made a boot or deploy fail, so that control can add the last lines of its stderr. */
export interface WorkerFailure {
  worker: number;
  slot: number;
  pid?: number;
  exitCode?: number;
  signal?: string;
  /** The process could not be started at all. */
  spawnError?: string;
  how: 'died' | 'offline' | 'silent' | 'unhealthy';
  /** What it answered when it was asked for its health, and the first 500 bytes of that. */
  status?: number;
  body?: string;
}

/** The methods that the supervisor answers: control hands them on. */
export type Forwarded = AnsweredBy<'supervisor' | 'operation'>;

export type SupervisorCall = { [Name in Forwarded]: { method: Name; params: Calls[Name]['params'] } }[Forwarded];

/** What the supervisor answers to a method: its result, or the operation that leads to it. */
export type Answer<Name extends Forwarded> = Name extends AnsweredBy<'operation'> ? Begun : Calls[Name]['result'];

/** How it answers each of them, or throws the CallError with which it refuses. */
export type SupervisorMethods = {
  [Name in Forwarded]: (params: Calls[Name]['params']) => Answer<Name> | Promise<Answer<Name>>;
};

export type Reply = { answer: Answer<Forwarded> } | { refused: WireError };

export interface Begun {
  /** The operation to follow to its end. */
  follow: number;
  /** It had begun before this call. */
  joined: boolean;
}
