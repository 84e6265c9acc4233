import type { Built } from './build.ts';

/**
 * What the preload inside a worker is told, and what it reports. The options come in the environment variable
 * NAUGHT_WORKER_OPTIONS (JSON), which the preload deletes, so that the worker's own children never see it. Orders and reports are
 * JSON lines on a socket pair of their own (file descriptor `reportFd`), and not on the IPC channel: that one belongs to the
 * application, which may also end it. Reports are written synchronously.
 */
export const optionsVariable = 'NAUGHT_WORKER_OPTIONS';

/** File descriptor of the report pipe: after stdin, stdout, stderr and the IPC channel. */
export const reportFd = 4;

export interface WorkerOptions extends Built {
  slot: number;
  /** What `ps` shows. */
  title: string;
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

/** From the supervisor to the preload. */
export type WorkerOrder =
  /** Drain; the application hears 'shutdown' (by IPC) when it is answered with `drained`, or the supervisor waits no longer. */
  | { type: 'drain' }
  /** The SIGTERM that comes with it is the supervisor's, and ends the worker. One without it comes from a platform. */
  | { type: 'cut' }
  /** Ask the application's own server for `path`, and report `probed`. */
  | { type: 'probe'; id: number; path: string; timeoutMs: number };

export type WorkerReport =
  /** A server of the worker listens: each one that does says so. */
  | { type: 'serving'; address: string; port: number }
  | { type: 'serving'; path: string }
  /** The drain has begun, with so many connections. */
  | { type: 'draining'; connections: number }
  /** What it still waits for, when that has changed, at most once a second. */
  | { type: 'holding'; left: HeldConnections }
  /** The application may hear 'shutdown' now: nothing is left that a longer drain would help. */
  | { type: 'drained'; left: CutConnections }
  /** 'shutdown' was delivered. by: who ends the process, the preload or the application. */
  | { type: 'leaving'; by: 'preload' | 'app' }
  /** What was cut, at the drain deadline or by an exit of the application. */
  | { type: 'cut'; connections: CutConnections }
  | LoadReport
  | ProbeReport;

/** What its own server has answered to the probe of this id. */
export interface ProbeReport {
  type: 'probed';
  id: number;
  /** Milliseconds. */
  ms: number;
  status?: number;
  /** Its first 500 bytes. */
  body?: string;
  /** Why there is no answer. */
  error?: string;
}

/** How busy the worker is, each second in which that has changed. */
export interface LoadReport {
  type: 'load';
  /** Resident memory, in bytes. */
  rss: number;
  /** Share of one CPU over the last second. */
  cpu: number;
  /** Milliseconds by which the event loop was late, at the 99th percentile of the last second. */
  delay: number;
  /** Answers in the last second. */
  rate: number;
  /** Since the start: 1xx, 2xx, 3xx, 4xx, 5xx. */
  answers: number[];
  /** Since the start; sum in seconds, buckets in the order of `latencyBounds`, not cumulative. */
  latency: { count: number; sum: number; buckets: number[] };
}

/** Upper ends of the buckets of latencies, in seconds; what took longer is in none. */
export const latencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export interface CutConnections {
  /** Requests in flight, uploads included. */
  requests: number;
  /** Endless responses: server-sent events. */
  streams: number;
  websockets: number;
  /** Half-sent requests, other upgraded sockets, plain TCP. */
  other: number;
}

export interface HeldConnections extends CutConnections {
  /** Kept-alive connections that nothing goes on on, within what their server has promised. */
  idle: number;
}
