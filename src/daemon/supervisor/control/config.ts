import type { ControlConfig } from '../../control-link.ts';
import type { StartConfig } from '../../start-config.ts';

/** What control is told of how the daemon was started. */
export function controlConfig(config: StartConfig, ipcInode: number): ControlConfig {
  const { version, ipcFile, pidFile, logs, foreground } = config;
  return { version, ipcFile, pidFile, logs, foreground, supervisorPid: process.pid, ipcInode };
}
