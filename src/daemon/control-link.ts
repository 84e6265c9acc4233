import type { WireError } from '../protocol/errors.ts';
import type { DeployParams, Event, Outcome, Status, Stopped } from '../protocol/schemas.ts';
import type { LogsConfig } from './start-config.ts';

/**
 * The messages between the supervisor and the control process, over the IPC channel of the latter. A supervisor starts control
 * again when it dies: everything that control must know then is in `attach`, followed, when it is `ready`, by one `pipe` for each
 * open log pipe.
 */
export type ToControl =
  | {
      to: 'attach';
      config: ControlConfig;
      operation: OperationRecord | null;
      restarts: number;
      lastDeath?: string;
      /** What its predecessors have not said to have logged. */
      unlogged: LogEntry[];
    }
  /** A client that connected to the ipc-file: the socket comes with the message; the supervisor keeps a copy until `client-taken`. */
  | { to: 'client'; id: number }
  /** A worker's stdout or stderr: the reading end comes with the message; the supervisor keeps a copy. */
  | { to: 'pipe'; pipe: PipeInfo }
  | { to: 'begin'; operation: { id: number; kind: OperationKind } }
  | (LogEntry & { to: 'event' })
  | { to: 'end'; operation: number; end: OperationEnd }
  /** The answer to a `call` of the same id. */
  | { to: 'reply'; id: number; reply: Reply }
  | (LogEntry & { to: 'note' })
  /** SIGUSR2: an outside logrotate has moved the logs. */
  | { to: 'reopen-logs' }
  /** The last operation is over: read the pipes to their ends, write everything out, answer the clients, exit 0. */
  | { to: 'finish'; operation: number; end: OperationEnd };

/** Something for the daemon's own log, with its running number: an event, or a note that is none. */
export type LogEntry =
  | { to: 'event'; entry: number; event: Event }
  | { to: 'note'; entry: number; level: 'info' | 'warn' | 'error'; text: string };

export type ToSupervisor =
  | { from: 'call'; id: number; call: SupervisorCall }
  /** The error of `finish` with what the failed worker last said, for a daemon in the foreground to show. */
  | { from: 'explained'; error: WireError }
  /** The logs are open: pipes may come. What Node would read of them before would be lost with a process that is killed then. */
  | { from: 'ready' }
  /** Control has this client: what it asks and is answered is control's affair. */
  | { from: 'client-taken'; id: number }
  /** The entry is in the daemon's log, or waits for its disk. */
  | { from: 'logged'; entry: number }
  /** Everything of this pipe has been read: the supervisor may close its copy. */
  | { from: 'pipe-ended'; pipe: number };

export interface ControlConfig {
  version: string;
  ipcFile: string;
  pidFile: string;
  logs: LogsConfig;
  foreground: boolean;
  supervisorPid: number;
  /** Inode of the ipc-file, so that control removes it only while it is ours, when the supervisor was killed. */
  ipcInode: number;
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

/** How an operation ended: the state after it, and what went wrong, if anything did. */
export interface OperationEnd {
  outcome: Outcome | Stopped;
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
  how: 'died' | 'offline' | 'silent';
}

export type SupervisorCall =
  | { method: 'status' }
  | { method: 'deploy'; params: DeployParams }
  | { method: 'deploy.abort' }
  | { method: 'stop'; timeout: number | null };

/** `follow`: the operation to follow to its end; `joined`: it had begun before this call. */
export type Reply = { status: Status } | { follow: number; joined?: true } | { refused: WireError };
