/** Labels before lines, on a terminal. Small, for the commands that print many lines and draw nothing. */

const on = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
export type Color = keyof typeof on;

export const colored = (text: string, color: Color | undefined, wanted: boolean): string =>
  wanted && color !== undefined && text !== '' ? `\u001b[${on[color]}m${text}\u001b[0m` : text;

/** Each worker has one of these, by its slot. */
const ofSlots: Color[] = ['cyan', 'green', 'yellow', 'magenta', 'blue'];
export const colorOf = (slot: number): Color => ofSlots[slot % ofSlots.length]!;

/** `14:03:21.123` where the user is. */
export function clockText(time: string): string {
  const date = new Date(time);
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
