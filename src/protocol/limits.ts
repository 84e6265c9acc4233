/** What the API takes at most, and the command line with it. */

/** More workers than this are a slip of the keyboard. */
export const mostWorkers = 1024;

/** In seconds: what a timer of Node can hold. */
export const longestSeconds = 2_000_000;

/** More lines of a log than this are asked for as `all`. */
export const mostLines = 1_000_000;

/** Bytes that the kernel takes for the path of a Unix socket. Node 20 and 22 silently truncate a longer one. */
export const longestSocketPath = (platform: string = process.platform): number => (platform === 'linux' ? 107 : 103);
