import { CallError, type ErrorKind } from '../../protocol/errors.ts';
import type { Status } from '../../protocol/status-schemas.ts';

/** A daemon that lives, by a pid-file. */
export interface NamedDaemon {
  pid: number;
  pidFile: string;
}

/** The words of naught 1.x, which scripts match, kept as they were. A path is shown as the user gave it. */

/** `ipcFile`: the absolute path that nobody listens at. */
export const notRunning = (ipcFile: string, cause?: unknown): CallError =>
  new CallError('unavailable', 'server not running', { reason: 'not-running', ipcFile }, { cause });

export const isNotRunning = (error: unknown): boolean => reasonOf(error) === 'not-running';

/** Why there is no daemon to talk to: the `reason` that the functions here put into an error. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof CallError ? (error.detail as { reason?: string } | undefined)?.reason : undefined;
}

const cannotConnect = (ipcName: string): string => `unable to connect to ipc-file \`${ipcName}\``;

export const stale = (ipcName: string, cause?: unknown): CallError =>
  new CallError(
    'unavailable',
    `${cannotConnect(ipcName)}\n\n1. the ipc file specified is invalid, or\n2. the daemon process died unexpectedly`,
    { reason: 'stale' },
    { cause },
  );

export const unreachable = (ipcName: string, why: string, cause?: unknown): CallError =>
  new CallError('unavailable', `${cannotConnect(ipcName)}: ${why}`, { reason: 'unreachable' }, { cause });

export const removingStale = (ipcName: string): string =>
  `${cannotConnect(ipcName)}\n\nremoving the ipc-file and attempting to continue`;

/** The ipc-file is gone, but not the daemon: as nobody reaches that one, another must not be started in its place. */
export const ipcFileGone = (ipcName: string, { pid, pidFile }: NamedDaemon, cause?: unknown): CallError =>
  new CallError(
    'unavailable',
    `the ipc-file \`${ipcName}\` is gone, but by its pid-file \`${pidFile}\` the daemon runs: pid ${pid}\n` +
      `It makes the file again within a second. Where it cannot, \`kill ${pid}\` stops it as naught stop does.`,
    { reason: 'ipc-file-gone', pid },
    { cause },
  );

/** `daemon`: by its pid-file. */
export const hangs = (ipcName: string, daemon: NamedDaemon | undefined, cause?: unknown): CallError => {
  const who = daemon ? `pid ${daemon.pid} by its pid-file \`${daemon.pidFile}\`` : 'its pid is in its pid-file';
  const remedy = `its workers may serve on; \`kill -KILL ${daemon?.pid ?? 'PID'}\` ends it, and then they finish and leave`;
  return unreachable(ipcName, `the daemon does not answer: ${who}; ${remedy}`, cause);
};

/** For who starts a second server at the same ipc-file; the status shows as in 1.x. */
export function alreadyRunning(ipcName: string, status: Status): CallError {
  const since = new Date(Date.now() - status.uptime * 1000).toISOString().replace(/\.\d+/, '');
  const message = `already running: ${status.script} since ${since}, pid ${status.pid}, at the ipc-file \`${ipcName}\`. Another server takes another --ipc-file, and a --pid-file and logs of its own.`;
  return new CallError('already-running', message, { since, status });
}

export const cannotStart = (reason: string, cause?: unknown): CallError =>
  new CallError('internal', `unable to start daemon: ${reason}`, { reason: 'cannot-start' }, { cause });

export const needsTerminal = (): CallError =>
  new CallError(
    'internal',
    'top needs a terminal, for its screen and for its keys; `naught status --watch`, with --json for a program, does without',
    { reason: 'no-terminal' },
  );

/** `hint`: for who gave no timeout. */
export const alreadyStopping = (hint: boolean): string =>
  `Waiting for shutdown already in progress.${hint ? '\nIf it hangs, Ctrl+C this command and try it again with --timeout 1' : ''}`;

export const goesOnBooting = (ipcName: string): string =>
  `the server goes on booting: \`naught status ${ipcName}\` shows how far it is; Ctrl-C again, or \`naught stop ${ipcName}\`, stops it`;

/** How some errors are told; the others by their own message. */
const texts: Partial<Record<ErrorKind, (message: string, stderrLog: string, detail: unknown) => string>> = {
  'deploy-in-progress': () => 'Deploy already in progress. Run naught deploy-abort to abort.',
  'no-deploy-in-progress': () => 'no deploy in progress',
  'no-bake-in-progress': () => 'no bake in progress',
  'deploy-aborted': () => 'deploy aborted',
  'deploy-failed': (reason) =>
    `${reason}\nDeploy failed. Check stderr.log and usage of 'online' and 'shutdown' events.`,
  'boot-failed': (reason, stderrLog, detail) => {
    const late = (detail as { how?: string } | undefined)?.how === 'silent';
    return `${reason}\nThe server ${late ? 'was not online in time' : 'crashed without booting'}. Check ${stderrLog}.`;
  },
};

/** What the user reads about an error. `stderrLog` is the path of the workers' stderr as it was given to `start`. */
export function errorText(error: CallError, stderrLog = 'stderr.log'): string {
  return texts[error.kind]?.(error.message, stderrLog, error.detail) ?? error.message;
}

const shows = '`naught status` shows';

/** What a person can do next, by the kind of an error or its reason; scripts read the lines of 1.x alone. */
const advice: Record<string, (detail: { ipcFile?: string }) => string> = {
  'not-running': ({ ipcFile }) =>
    `nobody listens at ${ipcFile}: \`naught start server.js\` starts a server; one that was started with --ipc-file is reached by that path`,
  stale: () => '`naught start --remove-old-ipc true server.js` removes it and starts the server again',
  'already-running': () => '`naught deploy` runs new code in it, `naught stop` stops it',
  'deploy-failed': () =>
    `the workers are those of before: ${shows} them; \`naught logs --stream stderr\` what the new ones wrote`,
  'deploy-aborted': () => `the workers are those of before: ${shows} them`,
  'no-deploy-in-progress': () => `${shows} what goes on`,
  'no-bake-in-progress': () => `${shows} what goes on`,
  'still-booting': () => `${shows} how far it is; \`naught stop\` ends it`,
  'shutting-down': () => `${shows} who has not left yet; \`naught stop --timeout 1\` kills those after 1 s`,
  'daemon-gone': () => `${shows} whether it is there again`,
};

/** Returns that; undefined where the message says it itself. */
export function adviceOf(error: CallError): string | undefined {
  const detail = (error.detail ?? {}) as { reason?: string; ipcFile?: string };
  const gone = error.kind === 'unavailable' && detail.reason === undefined ? 'daemon-gone' : error.kind;
  return advice[detail.reason ?? gone]?.(detail);
}
