import { isInTheWay, keyOf } from './address.ts';
import type { HeldSocket } from './held-socket.ts';
import type { Query } from './native.ts';

/** The sockets held, by address. */
export class Registry {
  readonly #held = new Map<string, HeldSocket>();
  #asked = 0;
  #mark = Number.POSITIVE_INFINITY;

  get(query: Query): HeldSocket | undefined {
    const held = this.#held.get(keyOf(query));
    return held?.isClosed ? undefined : held;
  }

  add(held: HeldSocket): void {
    this.#held.set(keyOf(held.query), held);
  }

  /** A worker listens on it, or is about to. */
  touch(held: HeldSocket): void {
    held.lastAsked = ++this.#asked;
  }

  all(): HeldSocket[] {
    return [...this.#held.values()].filter((held) => !held.isClosed);
  }

  close(held: HeldSocket): void {
    if (this.#held.get(keyOf(held.query)) === held) this.#held.delete(keyOf(held.query));
    held.close();
  }

  /** Closes what no worker listens on and which would make binding this address fail (`:::8000` and `127.0.0.1:8000`). */
  makeWay(query: Query): void {
    for (const held of this.all()) {
      if (!held.isLent && isInTheWay(held.query, held.handle, query)) this.close(held);
    }
  }

  mark(): void {
    this.#mark = this.#asked;
  }

  /** What no worker listens on now, and none began to listen on since the mark. The mark is taken away. */
  takeUnused(): HeldSocket[] {
    const unused = this.all().filter((held) => !held.isLent && held.lastAsked <= this.#mark);
    this.#mark = Number.POSITIVE_INFINITY;
    return unused;
  }
}
