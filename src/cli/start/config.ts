import { realpathSync } from 'node:fs';
import { devNull } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { LogsConfig, StartConfig, WorkersConfig } from '../../daemon/start-config.ts';
import { ipcPath } from '../daemon.ts';
import { directoryPath, scriptPath } from '../input/files.ts';
import { UsageError } from '../input/usage-error.ts';

/** The options of `start`, parsed. Times in seconds, paths relative to the directory of the command. */
export interface StartOptions {
  'worker-count': number;
  'ipc-file': string;
  'pid-file': string;
  log: string;
  stdout: string;
  stderr: string;
  'max-log-size': number;
  'log-keep': number | null;
  'log-format': 'plain' | 'json';
  cwd: string;
  'daemon-mode': boolean;
  'remove-old-ipc': boolean;
  'node-args': string[] | undefined;
  'online-on': 'message' | 'listening';
  drain: 'auto' | 'app';
  'drain-linger': number | null;
  'drain-timeout': number | null | 'default';
  'drain-spread': number;
  scheduling: 'rr' | 'none';
}

/** What the supervisor is told. Throws when a path cannot be used. */
export function startConfig(version: string, options: StartOptions, script: string, args: string[]): StartConfig {
  const config: StartConfig = {
    version,
    ipcFile: ipcPath(options['ipc-file']),
    ipcName: options['ipc-file'],
    pidFile: resolve(options['pid-file']),
    removeOldIpc: options['remove-old-ipc'],
    foreground: !options['daemon-mode'],
    logs: logsConfig(options),
    workers: workersConfig(options),
    release: {
      script: scriptPath(script),
      args,
      nodeArgs: options['node-args'] ?? [],
      cwd: directoryPath(options.cwd),
      workerCount: options['worker-count'],
    },
  };
  refuseSharedPaths(config);
  return config;
}

/** Only the logs may share a path, and only with each other: every other pair would overwrite one another. */
function refuseSharedPaths({ ipcFile, pidFile, logs, release }: StartConfig): void {
  const log = Object.entries({ '--log': logs.daemon, '--stdout': logs.stdout, '--stderr': logs.stderr });
  const others = Object.entries({ '--ipc-file': ipcFile, '--pid-file': pidFile, 'the script': release.script });
  for (const [index, [name, path]] of others.entries()) {
    if (path === devNull) continue;
    const same = [...others.slice(index + 1), ...log].find(([, other]) => realPath(other) === realPath(path));
    if (same) throw new UsageError(`${name} and ${same[0]} are the same file: ${path}`);
  }
}

/** A file that is not there yet is where its folder is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), basename(path));
  }
}

function logsConfig(options: StartOptions): LogsConfig {
  return {
    daemon: logPath('log', options),
    stdout: logPath('stdout', options),
    stderr: logPath('stderr', options),
    maxSize: options['max-log-size'],
    keep: options['log-keep'],
    format: options['log-format'],
  };
}

/** Names of the streams of the process that opens them. */
const ownStream = /^(?:-|\/dev\/std(?:in|out|err)|(?:\/dev|\/proc\/self)\/fd\/\d+)$/;

/** `-` is the stream of the command, which a daemon does not have. */
function logPath(name: 'log' | 'stdout' | 'stderr', options: StartOptions): string {
  const path = options[name];
  if (!ownStream.test(path)) return resolve(path);
  if (options['daemon-mode']) {
    throw new UsageError(`--${name} ${path} needs --daemon-mode false: a daemon has no terminal`);
  }
  if (path === '-') return path;
  if (/out$|\/1$/.test(path)) return '/dev/stdout';
  if (/err$|\/2$/.test(path)) return '/dev/stderr';
  throw new UsageError(`--${name} ${path}: of the command's own streams a log can be /dev/stdout or /dev/stderr`);
}

function workersConfig(options: StartOptions): WorkersConfig {
  const drainTimeout = options['drain-timeout'];
  return {
    onlineOn: options['online-on'],
    drain: options.drain,
    lingerMs: milliseconds(options['drain-linger']),
    drainTimeoutMs: drainTimeout === 'default' ? drainTimeout : milliseconds(drainTimeout),
    spreadMs: Math.round(options['drain-spread'] * 1000),
    scheduling: options.scheduling,
  };
}

const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds * 1000));
