/** Of so many places, each taken until its time, when one is free at the latest; -Infinity: there is one. */
export function freeAt(until: readonly number[], places: number): number {
  const inOrder = [...until].sort((a, b) => a - b);
  return inOrder[inOrder.length - places] ?? Number.NEGATIVE_INFINITY;
}
