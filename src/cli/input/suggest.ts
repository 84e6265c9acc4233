/** `, did you mean …?` for a mistyped word; empty when no candidate is near. */
export function hint(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : `, did you mean \`${meant}\`?`;
}

/** The candidate that a mistyped word most likely meant: the one that it abbreviates, or the nearest, if it is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return abbreviated(word, candidates) ?? likest(word, candidates);
}

/** The shortest that begins with the word, as long as all others that do so begin with that one too. */
function abbreviated(word: string, candidates: readonly string[]): string | undefined {
  const longer = candidates.filter((candidate) => candidate.startsWith(word)).sort((a, b) => a.length - b.length);
  const [first] = longer;
  return first !== undefined && longer.every((each) => each.startsWith(first)) ? first : undefined;
}

/** Of several at the same distance, the one that begins as the word does. */
function likest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, edits: distance(word, candidate), common: commonStart(word, candidate) }))
    .sort((a, b) => a.edits - b.edits || b.common - a.common);
  return best !== undefined && best.edits <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : undefined;
}

function commonStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/**
 * How many letters must be inserted, removed, replaced, or swapped with their neighbour, to get from one word to the other:
 * Damerau's and Levenshtein's distance, without editing a swapped pair again.
 */
function distance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = rows[i - 1]![j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      const edits = Math.min(replaced, rows[i - 1]![j]! + 1, row[j - 1]! + 1);
      const swaps = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(swaps ? Math.min(edits, rows[i - 2]![j - 2]! + 1) : edits);
    }
    rows.push(row);
  }
  return rows[from.length]![to.length]!;
}
