import type { KindName } from './client/kinds.ts';

/** A row of the table: clients of one kind at one server. */
export interface Kind {
  name: string;
  kind: KindName;
  clients: number;
  /** Shown, and may lose: its clients do what the server has told them not to do. */
  informal?: boolean;
}

/** An example or a recipe, as naught starts it. */
export interface Server {
  name: string;
  script: string;
  /** The events that happen to it; undefined: all that are not special. */
  events?: string[];
  tls?: boolean;
  environment?: Record<string, string>;
  /** Options of `naught start`. */
  options?: string[];
  kinds: Kind[];
}
