import type { CutConnections, HeldConnections } from '../worker-link.ts';

const names: [keyof HeldConnections, string, string][] = [
  ['requests', 'request', 'requests'],
  ['streams', 'stream', 'streams'],
  ['websockets', 'WebSocket', 'WebSockets'],
  ['other', 'other connection', 'other connections'],
  ['idle', 'kept-alive connection', 'kept-alive connections'],
];

/** How many of each kind, for people. */
export function connectionTexts(counts: Partial<HeldConnections>): string[] {
  return names.flatMap(([key, one, many]) => {
    const count = counts[key] ?? 0;
    return count > 0 ? `${count} ${count === 1 ? one : many}` : [];
  });
}

/** What was cut at a drain deadline, for people; undefined when it was nothing. */
export function cutText(cut: CutConnections): string | undefined {
  const parts = connectionTexts(cut);
  return parts.length === 0 ? undefined : `cut: ${parts.join(', ')}`;
}
