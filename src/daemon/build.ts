/** Which build of naught this is; put in by scripts/build.mjs. */
declare const naughtBuild: string;

const build = typeof naughtBuild === 'string' ? naughtBuild : 'unbuilt';

/** For a process that another one of the daemon starts: `its` build of that one. */
export interface Built {
  build: string;
}

export const ownBuild: Built = { build };

/** Why a process of this build does not work with one of another; undefined when they are of the same. */
export function mismatch(what: string, other: Built): string | undefined {
  if (other.build === build) return undefined;
  return `this ${what} is of naught ${build}, and the daemon of ${other.build}: the package was replaced under it; start it anew`;
}
