import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import type { Server, Socket } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallError, type WireError } from '../../protocol/errors.ts';
import { Place } from '../place.ts';
import type { StartConfig, StartNotice } from '../start-config.ts';
import { Fifos } from './control/fifos.ts';
import { requireDescriptors } from './descriptors.ts';
import { claimIpcFile, keepIpcFile } from './files/ipc-file.ts';
import { claimPidFile, type PidFile, releasePidFile } from './files/pid-file.ts';
import { prepareFiles } from './files/prepare.ts';
import { resolveRelease } from './releases/release.ts';
import { listenToSignals } from './signals.ts';
import { holdSockets } from './sockets/index.ts';
import { strategyOf } from './strategy.ts';
import { Supervisor } from './supervisor.ts';
import { copies, system } from './system.ts';

/**
 * Runs the supervisor in this process until its end: the daemon's main program, and, with `--daemon-mode false`, what the
 * command becomes. Tells its parent over IPC how the start went.
 */
export async function run(config: StartConfig, how: How): Promise<void> {
  try {
    await start(config, how);
  } catch (error) {
    giveUp(config, how, { event: 'Error', value: error instanceof Error ? error.message : String(error) });
  }
}

interface How {
  /** Of the control processes. */
  env: NodeJS.ProcessEnv;
  /** A control process that was started already. */
  control?: ChildProcess;
  /** Shows why there is no server, in the foreground: it could not be started, or its boot failed. */
  onFailure?: (error: WireError) => void;
}

async function start(config: StartConfig, how: How): Promise<void> {
  // cluster.fork puts the primary's environment under that of every worker: so it is exactly what its release says.
  for (const name of Object.keys(process.env)) delete process.env[name];
  requireDescriptors(config.release.workerCount);
  prepareFiles(config);
  const first = await resolveRelease(config.environment, config.release);
  strategyOf(config.strategy, {}, first.workerCount);
  cluster.schedulingPolicy = config.workers.scheduling === 'none' ? cluster.SCHED_NONE : cluster.SCHED_RR;
  const sockets = holdSockets();
  const fifos = new Fifos(config.environment.PATH);

  const early: Socket[] = [];
  let onClient = (socket: Socket): void => void early.push(socket);
  const listening = {
    own: (server: Server) => void sockets.own(server),
    onClient: (socket: Socket) => onClient(socket),
  };
  const ipcPlace = new Place(config.ipcFile);
  const claim = await claimIpcFile(ipcPlace, { ...listening, removeOld: config.removeOldIpc });
  if (typeof claim === 'string') return giveUp(config, how, { event: 'IpcInUse', value: claim });
  await fifos.ready();

  let supervisor: Supervisor | null = null;
  let pidFile: PidFile | null = null;
  const onChange = (text: string) => supervisor?.filesChanged(text);
  const ipcFile = keepIpcFile(ipcPlace, claim, { ...listening, onChange });
  const pidPlace = new Place(config.pidFile);
  const releaseFiles = () => {
    if (pidFile) releasePidFile(pidFile);
    ipcFile.release();
  };
  try {
    process.title = `naught: supervisor ${basename(config.release.script)}`;
    process.chdir('/');
    pidFile = claimPidFile(pidPlace);
    supervisor = new Supervisor(config, first, {
      system,
      env: how.env,
      sockets,
      fifos,
      files: () => ({ ipcFolder: ipcPlace.shared, ipcInode: ipcFile.inode, pidFolder: pidPlace.shared, copies }),
      control: how.control ?? null,
      tell: (event) => config.foreground && notify(event),
      onEnd: (code, error) => {
        releaseFiles();
        if (error) how.onFailure?.(error);
        process.exit(code);
      },
    });
    listenToSignals(supervisor, config);
    notify({ event: 'IpcListening' });
    supervisor.start();
    if (pidFile.displaced !== null) supervisor.note('warn', displacedText(pidFile));
    onClient = (socket) => supervisor?.client(socket);
    for (const socket of early) supervisor.client(socket);
  } catch (error) {
    releaseFiles();
    throw error;
  }
}

function displacedText({ place, displaced }: PidFile): string {
  return `the pid-file named another daemon, pid ${displaced}, and names this one now: ${place.path}; give each its own --pid-file`;
}

function giveUp(config: StartConfig, { onFailure }: How, notice: StartNotice): void {
  const reason = notice.event === 'Error' ? notice.value : `the ipc-file is in use: ${config.ipcName}`;
  onFailure?.(new CallError('internal', `unable to start daemon: ${reason}`, { reason: 'cannot-start' }).toWire());
  const leave = () => process.exit(1);
  process.once('disconnect', leave); // the command has it, or is gone: then the callback of the message may never come
  notify(notice, leave);
}

/** To the process that started us, if it listens: the CLI, or the parent of a foreground daemon. Never throws. */
function notify(message: object, sent: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, {}, sent);
  else sent();
}

/** The command starts this process before it knows what to say, and control is started before it is known that it is needed. */
function waitForConfig(): void {
  const env = { ...process.env };
  const control = system.forkControl({ foreground: false, env });
  control.on('error', () => {});
  const leave = () => process.exit(0);
  // A command that had nothing to start may be gone before this runs.
  if (!process.connected) leave();
  process.once('disconnect', leave);
  process.once('message', (config: StartConfig) => {
    process.off('disconnect', leave);
    void run(config, { env, control });
  });
}

// In the place of Node's own listener, which would open a debugger to everybody on this machine.
process.on('SIGUSR1', () => {});
if (process.argv[1] === fileURLToPath(import.meta.url)) waitForConfig();
