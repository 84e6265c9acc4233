import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { CallError, type ErrorKind, type WireError } from '../../protocol/errors.ts';
import type { DeployParams, Event } from '../../protocol/schemas.ts';
import type { OperationEnd, Reply, SupervisorCall, ToSupervisor } from '../control-link.ts';
import type { StartConfig } from '../start-config.ts';
import { Clients } from './control/clients.ts';
import { Journal } from './control/journal.ts';
import { Operations } from './control/operations.ts';
import { Pipes } from './control/pipes.ts';
import { ControlProcess } from './control/process.ts';
import { Engine } from './engine.ts';
import { describeFailure, refusal } from './failure.ts';
import { Fleet } from './fleet/processes.ts';
import type { Effect, Release } from './machine/state.ts';
import { nextRelease } from './release.ts';
import type { HeldSockets } from './sockets/index.ts';
import { outcomeOf, statusOf } from './status.ts';
import type { System } from './system.ts';

/** How long control may take to write everything out at the end, in milliseconds. */
const finishMs = 30_000;
/** How long a stop lets the workers take what was accepted for them, in milliseconds: one may be blocked. */
const emptyMs = 2_000;
/** How long after a deploy an unused address is held: a server may begin to listen when another one is online already. */
const releaseMs = 5_000;

interface Options {
  system: System;
  sockets: HeldSockets;
  ipcInode: number;
  /** A control process that was started already. */
  control: ChildProcess | null;
  /** Each event in the shape of 1.x, for the parent of a foreground daemon. */
  tell(event: Pick<Event, 'event' | 'waitingFor' | 'count'>): void;
  /** Everything is over: the process may exit. `error`: why the boot failed. */
  onEnd(code: number, error?: WireError): void;
}

/** Joins the machine, the workers and control: it performs what the machine decides, and answers what control asks. */
export class Supervisor {
  readonly #engine: Engine;
  readonly #fleet: Fleet;
  readonly #pipes: Pipes;
  readonly #clients: Clients;
  readonly #control: ControlProcess;
  readonly #operations = new Operations();
  readonly #journal = new Journal((message) => this.#control.send(message));
  #seq = 0;
  /** In a stop: nothing more is accepted, and what was accepted has been handed to a worker. */
  #emptied: Promise<unknown> | null = null;
  #final: { operation: number; end: OperationEnd } | null = null;
  #explained: WireError | null = null;

  constructor(
    private readonly config: StartConfig,
    private readonly release: Release,
    private readonly options: Options,
  ) {
    this.#engine = new Engine(
      config.workers,
      (effect) => this.#perform(effect),
      (error) => this.failed(error),
    );
    this.#control = new ControlProcess(
      {
        onStart: (restarts, lastDeath) => this.#attach(restarts, lastDeath),
        onMessage: (message) => this.#onMessage(message),
      },
      () => options.system.forkControl({ foreground: config.foreground, env: { ...release.environment } }),
      options.control,
    );
    this.#pipes = new Pipes((message, socket, keep) => this.#control.send(message, socket, keep));
    this.#clients = new Clients((message, socket, keep) => this.#control.send(message, socket, keep));
    this.#fleet = new Fleet(config, {
      system: options.system,
      sockets: options.sockets,
      pipes: this.#pipes,
      feed: (input) => void this.#engine.feed(input),
    });
  }

  start(): void {
    this.#control.start();
    this.#engine.feed({ type: 'boot', release: this.release });
  }

  stop(timeoutMs: number | null): Reply {
    return this.#reply(this.#engine.feed({ type: 'stop', timeoutMs }));
  }

  /** Throws a CallError when the parameters name something that is not there. */
  async deploy(params: DeployParams): Promise<Reply> {
    const { current } = this.#engine.state;
    if (current === null) return { refused: refusal('still-booting').toWire() };
    const release = await nextRelease(current, params);
    // Another deploy was complete meanwhile: what it changed stays.
    if (this.#engine.state.current !== current) return this.deploy(params);
    const timeoutMs = params.timeout == null ? null : params.timeout * 1000;
    return this.#reply(this.#engine.feed({ type: 'deploy', release, timeoutMs, waitOld: params.waitOld ?? true }));
  }

  client(socket: Socket): void {
    this.#clients.add(socket);
  }

  /** A fault of the supervisor's own: it is told, and the workers are supervised on. */
  failed(error: unknown): void {
    this.note('error', `in the supervisor: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  note(level: 'info' | 'warn' | 'error', text: string): void {
    this.#journal.add({ to: 'note', level, text });
  }

  /** For an outside logrotate. A control process that is being started opens what is there by itself. */
  reopenLogs(): void {
    this.#control.send({ to: 'reopen-logs' });
  }

  #attach(restarts: number, lastDeath: string | undefined): void {
    this.#pipes.ready = false;
    const { version, ipcFile, pidFile, logs, foreground } = this.config;
    const { ipcInode } = this.options;
    this.#control.send({
      to: 'attach',
      config: { version, ipcFile, pidFile, logs, foreground, supervisorPid: process.pid, ipcInode },
      operation: this.#operations.last,
      restarts,
      ...(lastDeath === undefined ? {} : { lastDeath }),
      unlogged: this.#journal.unlogged,
    });
    this.#clients.handAll();
  }

  #ready(): void {
    this.#pipes.handAll();
    if (this.#final) this.#control.send({ to: 'finish', ...this.#final });
  }

  #onMessage(message: ToSupervisor): void {
    if (message.from === 'client-taken') this.#clients.taken(message.id);
    else if (message.from === 'ready') this.#ready();
    else if (message.from === 'logged') this.#journal.logged(message.entry);
    else if (message.from === 'pipe-ended') this.#pipes.ended(message.pipe);
    else if (message.from === 'explained') this.#explained = message.error;
    else if (message.from === 'call') void this.#answer(message.id, message.call);
  }

  async #answer(id: number, call: SupervisorCall): Promise<void> {
    const reply = await this.#call(call).catch((error) => ({ refused: CallError.from(error).toWire() }));
    this.#control.send({ to: 'reply', id, reply });
  }

  async #call(call: SupervisorCall): Promise<Reply> {
    switch (call.method) {
      case 'status':
        return { status: statusOf(this.#engine.state, this.config.version, (worker) => this.#fleet.pid(worker)) };
      case 'deploy':
        return this.deploy(call.params);
      case 'deploy.abort':
        return this.#reply(this.#engine.feed({ type: 'abort' }));
      case 'stop':
        return this.stop(call.timeout === null ? null : call.timeout * 1000);
    }
  }

  #reply(effects: Effect[]): Reply {
    const refused = effects.find((effect) => effect.type === 'refuse');
    if (refused) return { refused: refusal(refused.kind).toWire() };
    const begun = effects.some((effect) => effect.type === 'begin');
    return { follow: this.#operations.last?.id ?? 0, ...(begun ? {} : { joined: true }) };
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'begin': {
        const { id, kind } = this.#operations.begin(effect.kind);
        if (kind === 'stop') this.#emptied = Promise.race([this.options.sockets.closeAll(), setTimeout(emptyMs)]);
        else this.options.sockets.mark();
        return this.#control.send({ to: 'begin', operation: { id, kind } });
      }
      case 'end':
        return this.#end(effect);
      case 'emit':
        return this.#emit(effect);
      case 'spawn':
        return this.#fleet.spawn(effect.worker, effect.slot, effect.release);
      case 'drain':
        return this.#whenEmptied(() => this.#fleet.drain(effect.worker));
      case 'shutdown':
        return this.#whenEmptied(() => this.#fleet.shutdown(effect.worker));
      case 'kill':
        return this.#fleet.kill(effect.worker, effect.signal);
      case 'exit':
        return void this.#finish(effect.code);
      case 'join':
      case 'refuse':
        return; // whoever fed the input reads them in what `feed` returned
      default:
        return effect satisfies never;
    }
  }

  /** Cluster destroys the connections that are queued for a worker when the last one leaves: in a stop they go first. */
  #whenEmptied(leave: () => void): void {
    if (this.#emptied) void this.#emptied.then(leave);
    else leave();
  }

  #emit({ event, count, waitingFor, worker, exit, note }: Extract<Effect, { type: 'emit' }>): void {
    const said = note ?? (worker !== undefined && exit ? this.#fleet.cutBy(worker) : undefined);
    const full: Event = {
      event,
      count,
      waitingFor,
      ...(worker === undefined ? {} : { worker: this.#fleet.describe(worker, exit) }),
      ...(said === undefined ? {} : { note: said }),
      time: new Date().toISOString(),
      seq: ++this.#seq,
    };
    this.#operations.add(full);
    this.#journal.add({ to: 'event', event: full });
    this.options.tell({ event, waitingFor, count });
  }

  /** A stop, and a boot that failed, end for their followers only when the logs are on disk: control is told with `finish`. */
  #end({ kind, failure }: { kind?: ErrorKind; failure?: Parameters<typeof describeFailure>[1] }): void {
    const { state } = this.#engine;
    const described = kind && describeFailure(kind, failure, (worker) => this.#fleet.pid(worker));
    const end: OperationEnd = {
      outcome: outcomeOf(state),
      ...(described && { error: described.error.toWire(), ...(described.failure && { failure: described.failure }) }),
    };
    const operation = this.#operations.end(end);
    if (!operation) return;
    if (state.over) this.#final = { operation: operation.id, end };
    else this.#control.send({ to: 'end', operation: operation.id, end });
    if (operation.kind === 'deploy' && !kind) this.options.sockets.releaseUnusedIn(releaseMs);
  }

  async #finish(code: number): Promise<void> {
    if (this.#pipes.ready && this.#final) this.#control.send({ to: 'finish', ...this.#final });
    await this.#control.end(finishMs);
    // A control process that was killed has explained nothing.
    this.options.onEnd(code, this.#explained ?? this.#final?.end.error);
  }
}
