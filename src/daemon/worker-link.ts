/**
 * What the preload inside a worker is told, and what it reports. The options come in the environment variable
 * NAUGHT_WORKER_OPTIONS (JSON), which the preload deletes, so that the worker's own children never see it. The reports are JSON
 * lines written synchronously to a pipe of their own (file descriptor `reportFd`), and not to the IPC channel: that one belongs
 * to the application, and is gone as soon as cluster has disconnected the worker.
 */
export const optionsVariable = 'NAUGHT_WORKER_OPTIONS';

/** File descriptor of the report pipe: after stdin, stdout, stderr and the IPC channel. */
export const reportFd = 4;

export interface WorkerOptions {
  slot: number;
  /** What `ps` shows. */
  title: string;
  onlineOn: 'message' | 'listening';
  /** app: the application drains by itself; the preload only watches. */
  drain: 'auto' | 'app';
  /** Milliseconds that idle keep-alive connections are left alone; null: the keepAliveTimeout of their server and a slack. */
  lingerMs: number | null;
  /** A terminal sends Ctrl-C to the whole foreground group: the supervisor answers it, not each worker. */
  ignoreInterrupt: boolean;
  /** Milliseconds that it has to leave when there is no daemon to end it. */
  orphanMs: number;
  /** Milliseconds over which WebSockets are closed. */
  spreadMs: number;
}

export type WorkerReport =
  /** A server of the worker listens. `message` mode: reported so that a worker which forgets to say 'online' is named. */
  | { type: 'listening'; address: string }
  /** 'shutdown' arrived. by: who drains, the preload or the application's own handler. */
  | { type: 'draining'; by: 'preload' | 'app'; connections: number }
  /** The drain deadline came (SIGTERM while draining): what was cut. */
  | { type: 'cut'; connections: CutConnections };

export interface CutConnections {
  /** Requests in flight, uploads included. */
  requests: number;
  /** Endless responses: server-sent events. */
  streams: number;
  websockets: number;
  /** Half-sent requests, other upgraded sockets, plain TCP. */
  other: number;
}
