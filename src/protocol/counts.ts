import type { Held } from './status-schemas.ts';

/** How many of something, for people. */

export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

const connections: [keyof Held, string][] = [
  ['requests', 'request'],
  ['streams', 'stream'],
  ['websockets', 'WebSocket'],
  ['other', 'other connection'],
  ['idle', 'kept-alive connection'],
];

/** How many connections of each kind there are, without those of which there is none. */
export function connectionTexts(counts: Partial<Held>): string[] {
  return connections.flatMap(([key, one]) => {
    const count = counts[key] ?? 0;
    return count > 0 ? countText(count, one) : [];
  });
}
