import type { StrategyParams } from '../protocol/rollout-schemas.ts';

/**
 * What `naught start` hands to the supervisor: in daemon mode as the first IPC message of the process that it spawns, in the
 * foreground as an argument. All paths are absolute.
 */
export interface StartConfig {
  version: string;
  ipcFile: string;
  /** As the user wrote it: messages show this one. */
  ipcName: string;
  pidFile: string;
  removeOldIpc: boolean;
  foreground: boolean;
  /** After so many milliseconds a boot is given up; null: never. */
  bootTimeoutMs: number | null;
  logs: LogsConfig;
  workers: WorkersConfig;
  /** Of each deploy that does not say otherwise. */
  strategy: StrategyParams;
  release: ReleaseSpec;
  /** How many releases are remembered, the current one among them. */
  keepReleases: number;
  /** Of the first workers, whole: that of the command, of which naught's own processes have only a part. */
  environment: Record<string, string>;
}

export interface LogsConfig {
  /**
   * The daemon's own events. A path, `/dev/null` (disabled), or a stream of the foreground command: `/dev/stdout`, `/dev/stderr`,
   * or `-` (stderr).
   */
  daemon: string;
  /** What the workers write to stdout. As above; `-` is stdout, and for `stderr` it is stderr. */
  stdout: string;
  stderr: string;
  /** Bytes after which a log is rotated. */
  maxSize: number;
  /** Archives kept per log; null: all of them, as in 1.x. */
  keep: number | null;
  format: 'plain' | 'json';
}

/**
 * When a worker counts as online; the word 'online' always does. listening: its first server listens, or the one of this port or
 * socket path. auto: a daemon whose workers never say 'online' learns that from the first of them.
 */
export type OnlineOn = 'auto' | 'message' | 'listening' | `listening:${string}`;

/** How workers come and go. Times in milliseconds. */
export interface WorkersConfig {
  onlineOn: OnlineOn;
  drain: 'auto' | 'app';
  /** null: the keepAliveTimeout of the server and a slack. */
  lingerMs: number | null;
  /** From the moment it is asked to leave. null: never killed. default: 30 s, or no end where the application handles 'shutdown'. */
  drainTimeoutMs: number | null | 'default';
  /** WebSockets are closed spread over this time. */
  spreadMs: number;
  scheduling: 'rr' | 'none';
  /** How many workers boot at once. auto: 2 for each CPU, and at least 8. */
  bootParallel: number | 'auto';
}

/** How long workers have to leave when there is no daemon to end them, in milliseconds. */
export function orphanMs({ drainTimeoutMs }: Pick<WorkersConfig, 'drainTimeoutMs'>): number {
  return typeof drainTimeoutMs === 'number' ? drainTimeoutMs : 30_000;
}

/** What a deploy makes current, without the environment. */
export interface ReleaseSpec {
  script: string;
  args: string[];
  nodeArgs: string[];
  cwd: string;
  workerCount: number;
}

/** What the supervisor tells the process that started it, over IPC, before it disconnects. */
export type StartNotice =
  | { event: 'IpcListening' }
  | { event: 'Error'; value: string }
  /** The ipc-file exists and nobody answers there (stale), or somebody does (running). */
  | { event: 'IpcInUse'; value: 'stale' | 'running' };
