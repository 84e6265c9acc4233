import type { Query } from './native.ts';
import type { Registry } from './registry.ts';

/** What the hooks on Node and the watchers of the workers share. */
export interface Desk {
  readonly registry: Registry;
  /**
   * The query of a worker that cluster is answering at this moment. RoundRobinHandle and SharedHandle open their socket
   * synchronously within queryServer (lib/internal/cluster/primary.js): that is how a listen of cluster's is told from others.
   */
  query: Query | null;
  /** Servers of the supervisor's own. */
  readonly own: WeakSet<object>;
}
