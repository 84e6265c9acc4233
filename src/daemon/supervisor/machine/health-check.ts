/** How a worker is asked for its health. */
export interface HealthCheck {
  readonly path: string;
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** How often a worker that is online is asked. null: not at all. */
  readonly everyMs: number | null;
}

/** What a worker has answered. A part of the state: a step replaces it, and changes nothing in it. */
export interface Health {
  readonly since: number;
  /** Has been asked, and has to answer by then; one whose event loop stands still never does. */
  readonly pending: { readonly probe: number; readonly by: number } | null;
  readonly nextAt: number | null;
  /** In a row. */
  readonly failures: number;
  /** The last failure. */
  readonly seen: BadAnswer | null;
  /** It has answered well at least once. */
  readonly isWell: boolean;
  /** What is wrong has been told. */
  readonly told: boolean;
}

/** What came instead of a good answer. */
export interface BadAnswer {
  status?: number;
  /** Its first 500 bytes. */
  body?: string;
  error?: string;
}

/** What was seen of it, for people. */
export interface Look extends BadAnswer {
  path: string;
  /** In a row. */
  failures: number;
}
