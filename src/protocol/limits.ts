/** What the API takes at most, and the command line with it. */

/** More workers than this are a slip of the keyboard. */
export const mostWorkers = 1024;

/** Releases that are kept, each with an environment of its own in the memory of the supervisor. */
export const mostReleases = 1_000;

/** In seconds: what a timer of Node can hold. */
export const longestSeconds = 2_000_000;

/** More lines of a log than this are asked for as `all`. */
export const mostLines = 1_000_000;

/** Bytes that the kernel takes for the path of a Unix socket. Node 20 and 22 silently truncate a longer one. */
export const longestSocketPath = (platform: string = process.platform): number => (platform === 'linux' ? 107 : 103);

/** Bytes of a body that can hold a deploy, which carries a whole environment, and of any other. */
export const longestDeployBody = 4 * 1024 * 1024;
export const longestBody = 64 * 1024;

/** Values, names and elements in a body: to parse and to check more of them would take longer than anybody may wait. */
export const mostValues = 20_000;

/** Bytes of an environment with its names; the kernel takes about as much. */
export const longestEnvironment = 2 * 1024 * 1024;

/** Characters of the answers of a batch: they come as one, and are in memory until then. */
export const longestBatchAnswer = 16 * 1024 * 1024;

/** Requests in a batch of JSON-RPC, and characters of an id, which each line of a progress repeats. */
export const longestBatch = 1_000;
export const longestId = 1_000;

/** Faults that are named when parameters do not fit; the others are counted. */
export const mostNamedFaults = 20;

/** Milliseconds that a client may take to send a request. */
export const longestRequestMs = 10_000;

/** A path as a request names it, in the characters of a URL; short, and without what JSON would escape: it is told to a worker in one line. */
export const healthPath = { pattern: '^/[!$-\\[\\]-~]*$', maxLength: 500 } as const;

/** Seconds between two questions for the health of a worker. */
export const shortestHealthEvery = 0.1;
