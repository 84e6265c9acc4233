import type { CutConnections } from '../../worker-link.ts';

const names: [keyof CutConnections, string, string][] = [
  ['requests', 'request', 'requests'],
  ['streams', 'stream', 'streams'],
  ['websockets', 'WebSocket', 'WebSockets'],
  ['other', 'other connection', 'other connections'],
];

/** What was cut at a drain deadline, for people; undefined when it was nothing. */
function cutText(cut: CutConnections): string | undefined {
  const parts = names.flatMap(([key, one, many]) => (cut[key] > 0 ? `${cut[key]} ${cut[key] === 1 ? one : many}` : []));
  return parts.length === 0 ? undefined : `cut: ${parts.join(', ')}`;
}

/** What workers cut, until the events of their exits tell it. */
export class Cuts {
  readonly #cut = new Map<number, CutConnections>();

  set(worker: number, connections: CutConnections): void {
    this.#cut.set(worker, connections);
  }

  take(worker: number): string | undefined {
    const cut = this.#cut.get(worker);
    this.#cut.delete(worker);
    return cut && cutText(cut);
  }
}
