/** A description in one line, without what shells or their completions give a meaning. */
export const forTerminal = (text: string): string =>
  text
    .replaceAll(/[`'"$\\[\]{}]/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(':', ',')
    .trim();

/** The shells for which there is a completion. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];
