/** A text that is wrapped in the source, as paragraphs that the help wraps to the width of the terminal. */
export const prose = (text: string): string => text.trim().replaceAll(/(?<!\n)\n(?!\n)/g, ' ');
