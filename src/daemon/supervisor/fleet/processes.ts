import type { Worker as ClusterWorker } from 'node:cluster';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { StartConfig } from '../../start-config.ts';
import { type LoadReport, reportFd, type WorkerOrder, type WorkerReport } from '../../worker-link.ts';
import type { PipeEnds } from '../control/fifos.ts';
import type { Pipes } from '../control/pipes.ts';
import type { Effect } from '../machine/effects.ts';
import type { Input } from '../machine/inputs.ts';
import type { Exit, Release } from '../machine/state.ts';
import type { HeldSockets } from '../sockets/index.ts';
import type { System } from '../system.ts';
import { guardChannel } from './channel.ts';
import { askedPort, freePort } from './inspect-port.ts';
import { loadOf } from './load.ts';
import { Loading } from './loading.ts';
import { Members } from './members.ts';
import { Outputs } from './outputs.ts';
import { probedOf } from './probed.ts';
import { readReports } from './reports.ts';
import { couldNotStart, environmentOf, settingsOf } from './spawning.ts';

/** A grandchild may hold the report pipe open, in milliseconds. */
const lastReportMs = 100;

interface Surroundings {
  system: System;
  sockets: HeldSockets;
  pipes: Pipes;
  newPipe(): PipeEnds | null;
  feed(input: Input): void;
  /** Whether it is of interest when a worker of this release no longer uses the CPU to boot. */
  loadsInTurn(release: Release): boolean;
  note(level: 'warn', text: string): void;
}

/** The processes behind the machine's workers: performs its effects on them, and feeds it what happens to them. */
export class Fleet {
  readonly members = new Members();
  readonly #loading: Loading;

  constructor(
    private readonly config: StartConfig,
    private readonly around: Surroundings,
  ) {
    this.#loading = new Loading((worker) => around.feed({ type: 'rests', worker }));
  }

  spawn(id: number, slot: number, release: Release): void {
    const inspectPort = this.#inspectPort(release);
    const member = this.members.add(id, slot, inspectPort);
    const outputs = new Outputs(this.config.logs, this.around.newPipe);
    try {
      const settings = settingsOf(release, outputs, inspectPort);
      member.process = this.around.system.forkWorker(settings, environmentOf(this.config, release, slot));
      member.pid = member.process.process.pid;
      this.#watch(id, slot, release, member.process, outputs);
    } catch (error) {
      this.around.feed({ type: 'exit', worker: id, exit: couldNotStart(error, release) });
    } finally {
      outputs.close();
    }
  }

  #inspectPort({ nodeArgs, environment }: Release): number | null {
    const asked = askedPort(nodeArgs, environment.NODE_OPTIONS);
    if (asked === null) return null;
    return freePort(asked, this.members.inspectPorts);
  }

  /**
   * Its end as a listener: no connection is dispatched after. Cluster's own disconnect would do that too, but close the IPC channel
   * while requests are in flight, under an application that sends messages or exits with it.
   */
  dismiss(id: number): void {
    const process = this.members.get(id)?.process;
    if (process) this.around.sockets.dismiss(process);
  }

  drain(id: number): void {
    if (!this.#order(id, { type: 'drain' })) this.around.feed({ type: 'drained', worker: id });
  }

  /** The message of 1.x, which the application may listen for. */
  shutdown(id: number): void {
    const process = this.members.get(id)?.process;
    if (process?.isConnected()) process.send('shutdown', () => {});
    else this.around.feed({ type: 'leaving', worker: id, by: 'preload' });
  }

  /** With --drain app, as in 1.x: cluster closes what it still listens on, and then the channel. */
  #disconnect(id: number): void {
    const process = this.members.get(id)?.process;
    if (process?.isConnected()) process.disconnect();
  }

  /** Has the worker's own server asked for its health. */
  probe({ worker, probe: id, path, timeoutMs }: Extract<Effect, { type: 'probe' }>): void {
    if (this.#order(worker, { type: 'probe', id, path, timeoutMs })) return;
    const error = `it cannot be asked: the application has closed descriptor ${reportFd}`;
    this.around.feed({ type: 'probed', worker, probe: id, error });
  }

  /** A SIGTERM without the order would be a platform's, of which a worker that serves does not die. */
  kill(id: number, signal: 'SIGTERM' | 'SIGKILL'): void {
    if (signal === 'SIGTERM') this.#order(id, { type: 'cut' });
    this.members.get(id)?.process?.process.kill(signal);
  }

  /** Returns whether the worker can hear it: the application may have closed the descriptor. */
  #order(id: number, order: WorkerOrder): boolean {
    const pipe = this.members.get(id)?.process?.process.stdio[reportFd] as Socket | null | undefined;
    if (!pipe?.writable) return false;
    pipe.write(`${JSON.stringify(order)}\n`);
    return true;
  }

  #watch(id: number, slot: number, release: Release, worker: ClusterWorker, outputs: Outputs): void {
    const child = worker.process;
    let gone = false;
    const leave = (exit: Exit) => {
      if (gone) return;
      gone = true;
      this.#loading.forget(id);
      this.around.feed({ type: 'exit', worker: id, exit });
      this.members.bury(id);
    };
    worker.on('error', (error) => {
      if (child.pid === undefined) leave(couldNotStart(error, release));
    });
    let reports: Promise<void> = Promise.resolve();
    // Its last report says what it cut: that belongs to the event of its exit.
    worker.on('exit', (code, signal) => {
      void Promise.race([reports, setTimeout(lastReportMs)]).then(() => leave({ code, signal }));
    });
    worker.on('disconnect', () => !gone && this.around.feed({ type: 'disconnect', worker: id }));
    worker.on('message', (message) => this.#heard(id, message));
    if (child.pid === undefined) return;
    this.around.sockets.watch(worker, () => {
      this.#loading.forget(id);
      this.around.feed({ type: 'listening', worker: id });
    });
    if (this.around.loadsInTurn(release)) this.#loading.watch(id, child.pid);
    outputs.handTo(this.around.pipes, child, { worker: id, slot, pid: child.pid });
    reports = readReports(
      child.stdio[reportFd] as Socket,
      (report) => this.#reported(id, report),
      (lines) =>
        this.#complain(
          id,
          `has written ${lines} lines to descriptor ${reportFd} that are none of naught's; they are ignored`,
        ),
    );
    guardChannel(child, {
      onRubbish: () => {
        this.#complain(
          id,
          'has written to descriptor 3, its IPC channel, what is no message; the channel is closed, and the worker replaced',
        );
        worker.process.disconnect();
      },
      onForged: (messages) =>
        this.#complain(
          id,
          `has sent ${messages} messages over its IPC channel that look like node:cluster's own, and are none; they are ignored`,
        ),
    });
  }

  #complain(id: number, what: string): void {
    const { slot, pid } = this.members.get(id) ?? {};
    this.around.note('warn', `worker ${slot} (pid ${pid}) ${what}`);
  }

  #reported(id: number, report: WorkerReport): void {
    switch (report.type) {
      case 'serving':
        return this.around.feed({ type: 'serving', worker: id, at: report });
      case 'draining':
        return this.around.feed({ type: 'draining', worker: id });
      case 'holding':
        return this.around.feed({ type: 'holding', worker: id, left: report.left });
      case 'drained':
        return this.around.feed({ type: 'drained', worker: id, left: { ...report.left, idle: 0 } });
      case 'leaving':
        if (this.config.workers.drain === 'app') this.#disconnect(id);
        return this.around.feed({ type: 'leaving', worker: id, by: report.by });
      case 'cut': {
        const member = this.members.get(id);
        if (member) member.cut = report.connections;
        return;
      }
      case 'probed':
        return this.around.feed(probedOf(id, report));
      case 'load':
        return this.#loaded(id, report);
    }
  }

  #loaded(id: number, report: LoadReport): void {
    const member = this.members.get(id);
    const load = loadOf(report);
    if (!member || !load) return;
    const { count } = load.latency;
    const changed = count !== member.load?.latency.count;
    member.load = load;
    if (changed) this.around.feed({ type: 'answers', worker: id, total: count, errors: load.answers['5xx'] });
  }

  #heard(id: number, message: unknown): void {
    if (typeof message !== 'string') return;
    const word = message.toLowerCase();
    if (word === 'online' || word === 'offline') this.around.feed({ type: word, worker: id });
  }
}
