/** What comes from somebody else (a script's name, an argument, a worker's stderr), as it may be shown to a person. */

/** Control characters of both sets but tab and newline; and those that turn the direction of what follows. */
const unprintable = /(?![\t\n])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Shows control characters as `\u001b` and the like, so that no terminal acts on them. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Characters of a value in the midst of a message. */
const longestValue = 500;

/** As it is named in a message: on one line, and shortened. */
export function shortened(text: string, longest = longestValue): string {
  const shown = text.length <= longest ? text : `${text.slice(0, longest)}… (${text.length} characters)`;
  return printable(shown).replaceAll('\n', '\\n');
}
