/** How numbers are shown to people: short, and without jumping from one width to another at each tick. */

/** `3.2 s`, `42 s`, `5 min 03 s`, `3 h 12 min`, `8 d 4 h`. */
export function ageText(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

const two = (number: number): string => String(number).padStart(2, '0');

/** Of 1024 as people are used to of memory: `61 MB`, `1.2 GB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1_000 && unit < units.length - 1; unit++) value /= 1_024;
  return `${value < 9.95 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** Of a share: 1 is a whole CPU. */
export const percentText = (share: number): string => `${Math.round(share * 100)} %`;

export const rateText = (perSecond: number): string =>
  perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : String(Math.round(perSecond));

export const millisecondsText = (ms: number): string => `${ms > 0 && ms < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`;
