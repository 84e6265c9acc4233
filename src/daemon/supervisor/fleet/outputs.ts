import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { PipeInfo } from '../../control-link.ts';
import type { PipeHandle } from '../../reading-end.ts';
import type { LogsConfig } from '../../start-config.ts';
import type { PipeEnds } from '../control/fifos.ts';
import type { Pipes } from '../control/pipes.ts';

interface Output {
  stream: PipeInfo['stream'];
  fd: 1 | 2;
  /** null: child_process makes a socket pair. */
  ends: PipeEnds | null;
}

/** stdout and stderr of a worker that is about to be started. */
export class Outputs {
  readonly #outputs: Output[];

  constructor(logs: LogsConfig, newPipe: () => PipeEnds | null) {
    // stderr is read even when its log is disabled: a boot that fails shows its last lines.
    const stdout = logs.stdout === '/dev/null' ? [] : [{ stream: 'stdout', fd: 1, ends: newPipe() } as const];
    this.#outputs = [...stdout, { stream: 'stderr', fd: 2, ends: newPipe() }];
  }

  /** For child_process: what is descriptor 1, and what is descriptor 2. */
  get stdio(): ('ignore' | 'pipe' | number)[] {
    return ([1, 2] as const).map((fd) => {
      const output = this.#outputs.find((each) => each.fd === fd);
      return output ? (output.ends?.write ?? 'pipe') : 'ignore';
    });
  }

  /** The worker has its ends: it alone, so that its pipes end with it. The others are for `pipes`. */
  handTo(pipes: Pipes, child: ChildProcess, info: Omit<PipeInfo, 'id' | 'stream'>): void {
    for (const { stream, fd, ends } of this.#outputs.splice(0)) {
      const source = ends ? { fd: ends.read } : takeHandle(child, fd);
      if (source) pipes.add(source, { ...info, stream });
      if (ends) closeSync(ends.write);
    }
  }

  /** Of a worker that could not be started. */
  close(): void {
    for (const { ends } of this.#outputs.splice(0)) for (const fd of ends ? [ends.read, ends.write] : []) closeSync(fd);
  }
}

/**
 * A socket of child_process begins to read as soon as it is made (lib/net.js: `this.read(0)`). There is no public way to take
 * that back before the first byte; nothing has been read yet, since the event loop has not turned. At the exit of the child,
 * child_process resumes what is in `stdio` (flushStdio): it must not be there.
 */
function takeHandle(child: ChildProcess, fd: 1 | 2): { handle: PipeHandle } | undefined {
  const socket = child.stdio[fd] as (Socket & { _handle: PipeHandle | null }) | null;
  const handle = socket?._handle;
  if (!socket || !handle) return undefined;
  handle.readStop();
  socket._handle = null;
  (child.stdio as unknown as (Socket | null)[])[fd] = null;
  return { handle };
}
