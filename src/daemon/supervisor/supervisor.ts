import type { ChildProcess, SendHandle } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { ErrorKind, WireError } from '../../protocol/errors.ts';
import type { Event } from '../../protocol/schemas.ts';
import { usableCpus } from '../../protocol/usable-cpus.ts';
import { ownBuild } from '../build.ts';
import type { FilesForControl, OperationEnd, SupervisorCall, ToSupervisor } from '../control-link.ts';
import type { StartConfig } from '../start-config.ts';
import { now } from './clock.ts';
import { Clients } from './control/clients.ts';
import type { Fifos } from './control/fifos.ts';
import { Journal } from './control/journal.ts';
import { Pipes } from './control/pipes.ts';
import { ControlProcess } from './control/process.ts';
import { Recorder } from './control/recorder.ts';
import { Engine } from './engine.ts';
import { eventOf } from './event.ts';
import { describeFailure } from './failure.ts';
import { Fleet } from './fleet/processes.ts';
import { loadsInTurn } from './machine/boots.ts';
import type { Effect } from './machine/effects.ts';
import { allAtOnce } from './machine/strategy/strategy.ts';
import { Methods } from './methods.ts';
import { History } from './releases/history.ts';
import type { Runnable } from './releases/release.ts';
import { settingsOf } from './settings.ts';
import type { HeldSockets } from './sockets/index.ts';
import { outcomeOf } from './status.ts';
import { healthOf } from './strategy.ts';
import type { System } from './system.ts';

/** How long control may take to write everything out at the end, in milliseconds. */
const finishMs = 30_000;
/** How long a stop lets the workers take what was accepted for them, in milliseconds: one may be blocked. */
const emptyMs = 2_000;
/** How long after a deploy an unused address is held: a server may begin to listen when another one is online already. */
const releaseMs = 5_000;

interface Options {
  system: System;
  /** The environment of control. */
  env: NodeJS.ProcessEnv;
  sockets: HeldSockets;
  fifos: Pick<Fifos, 'take' | 'ready'>;
  /** Where control finds the daemon's files, now. */
  files(): FilesForControl;
  /** A control process that was started already. */
  control: ChildProcess | null;
  /** Each event in the shape of 1.x, for the parent of a foreground daemon. */
  tell(event: Pick<Event, 'event' | 'waitingFor' | 'count'>): void;
  /** Everything is over: the process may exit. `error`: why the boot failed. */
  onEnd(code: number, error?: WireError): void;
}

/** Joins the machine, the workers and control: it performs what the machine decides, and has answered what control asks. */
export class Supervisor {
  readonly methods: Methods;
  readonly #engine: Engine;
  readonly #fleet: Fleet;
  readonly #pipes: Pipes;
  readonly #clients: Clients;
  readonly #control: ControlProcess;
  readonly #recorder = new Recorder();
  readonly #history: History;
  readonly #journal = new Journal((message) => this.#control.send(message));
  #seq = 0;
  /** In a stop: nothing more is accepted, and what was accepted has been handed to a worker. */
  #emptied: Promise<unknown> | null = null;
  #final: { operation: number; end: OperationEnd } | null = null;
  #explained: WireError | null = null;

  constructor(
    private readonly config: StartConfig,
    private readonly first: Runnable,
    private readonly options: Options,
  ) {
    const settings = settingsOf(config.workers, usableCpus());
    this.#engine = new Engine(settings, {
      stepped: (effects) => this.#history.follow(this.#engine.state.current, effects, now()),
      perform: (effect) => this.#perform(effect),
      onError: (error) => this.failed(error),
      breathe: (tookMs) => Promise.all([setTimeout(tookMs), options.fifos.ready()]),
    });
    this.#control = new ControlProcess(
      {
        onStart: (restarts, lastDeath) => this.#attach(restarts, lastDeath),
        onDeath: (unwellMs, hopeless) => this.#pipes.takeBack(unwellMs, hopeless),
        onMessage: (message) => this.#onMessage(message),
        onPong: () => this.#clients.offerAgain(),
      },
      () => options.system.forkControl({ foreground: config.foreground, env: options.env }),
      options.control,
    );
    this.#pipes = new Pipes((message, handle) => this.#control.send(message, handle as SendHandle | undefined));
    this.#clients = new Clients((message, socket, keep) => this.#control.send(message, socket, keep));
    this.#history = new History(config.keepReleases);
    this.#fleet = new Fleet(config, {
      system: options.system,
      sockets: options.sockets,
      pipes: this.#pipes,
      newPipe: () => options.fifos.take((text) => this.note('warn', text)),
      feed: (input) => void this.#engine.feed(input),
      loadsInTurn: (release) => loadsInTurn(settings, release),
      note: (level, text) => this.note(level, text),
    });
    this.methods = new Methods(this.#engine, this.#history, config, this.#fleet.members);
  }

  start(): void {
    this.#control.start();
    const { bootTimeoutMs: timeoutMs, strategy } = this.config;
    const release = this.#history.open(this.first, { type: 'boot' }, new Date().toISOString());
    const health = healthOf({}, strategy);
    this.#engine.feed({ type: 'boot', release, timeoutMs, strategy: { ...allAtOnce, health } });
  }

  client(socket: Socket): void {
    this.#clients.accept(socket);
  }

  /** A fault of the supervisor's own: it is told, and the workers are supervised on. */
  failed(error: unknown): void {
    this.note('error', `in the supervisor: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  note(level: 'info' | 'warn' | 'error', text: string): void {
    this.#journal.write({ type: 'note', level, text });
  }

  /** The ipc-file is another one, or cannot be what it should. */
  filesChanged(text: string): void {
    this.#control.send({ type: 'files', files: this.options.files() });
    this.note('warn', text);
  }

  /** For an outside logrotate. A control process that is being started opens what is there by itself. */
  reopenLogs(): void {
    this.#control.send({ type: 'reopen-logs' });
  }

  #attach(restarts: number, lastDeath: string | undefined): void {
    const { environment: _, ...config } = this.config;
    this.#control.send({
      type: 'attach',
      config: { ...config, ...ownBuild, supervisorPid: process.pid },
      files: this.options.files(),
      operation: this.#recorder.last,
      recent: this.#recorder.recent,
      restarts,
      ...(lastDeath === undefined ? {} : { lastDeath }),
      unlogged: this.#journal.unlogged,
    });
    this.#clients.handAll();
  }

  #sendFinal(): void {
    if (this.#final) this.#control.send({ type: 'finish', ...this.#final, pipes: this.#pipes.unread });
  }

  #onMessage(message: Exclude<ToSupervisor, { type: 'pong' }>): void {
    switch (message.type) {
      case 'client-taken':
        return this.#clients.taken(message.id);
      case 'ready':
        this.#pipes.offerAll();
        return this.#sendFinal();
      case 'logged':
        return this.#journal.logged(message.entry);
      case 'pipe-taken':
        return this.#pipes.taken(message.pipe);
      case 'kept-logged':
        return this.#pipes.keptLogged(message.pipe);
      case 'pipe-ended':
        return this.#pipes.ended(message.pipe);
      case 'explained':
        this.#explained = message.error;
        return;
      case 'call':
        return void this.#reply(message.id, message.call);
    }
  }

  async #reply(id: number, call: SupervisorCall): Promise<void> {
    this.#control.send({ type: 'reply', id, reply: await this.methods.reply(call) });
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case 'begin': {
        const { id, kind } = this.#recorder.start(effect.operation, effect.kind);
        if (kind === 'stop') this.#emptied = Promise.race([this.options.sockets.closeAll(), setTimeout(emptyMs)]);
        else this.options.sockets.mark();
        return this.#control.send({ type: 'begun', operation: { id, kind } });
      }
      case 'end':
        return this.#end(effect);
      case 'emit':
        return this.#emit(effect);
      case 'spawn':
        return this.#fleet.spawn(effect.worker, effect.slot, effect.release);
      case 'dismiss':
        return this.#whenEmptied(() => this.#fleet.dismiss(effect.worker));
      case 'drain':
        return this.#whenEmptied(() => this.#fleet.drain(effect.worker));
      case 'shutdown':
        return this.#whenEmptied(() => this.#fleet.shutdown(effect.worker));
      case 'probe':
        return this.#fleet.probe(effect);
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

  #emit(effect: Extract<Effect, { type: 'emit' }>): void {
    const event = eventOf(effect, this.#fleet.members, ++this.#seq);
    this.#recorder.record(event);
    this.#journal.write({ type: 'event', event });
    this.options.tell({ event: event.event, waitingFor: event.waitingFor, count: event.count });
  }

  /** A stop, and a boot that failed, end for their followers only when the logs are on disk: control is told with `finish`. */
  #end({ kind, failure }: { kind?: ErrorKind; failure?: Parameters<typeof describeFailure>[1] }): void {
    const { state } = this.#engine;
    const described = kind && describeFailure(kind, failure, (worker) => this.#fleet.members.pid(worker));
    const end: OperationEnd = {
      outcome: outcomeOf(state),
      ...(described && { error: described.error.toWire(), ...(described.failure && { failure: described.failure }) }),
    };
    const operation = this.#recorder.finish(end);
    if (!operation) return;
    if (state.over) this.#final = { operation: operation.id, end };
    else this.#control.send({ type: 'ended', operation: operation.id, end });
    if (operation.kind === 'deploy' && !kind) this.options.sockets.releaseUnusedIn(releaseMs);
  }

  async #finish(code: number): Promise<void> {
    if (this.#pipes.ready) this.#sendFinal();
    await this.#control.end(finishMs);
    // A control process that was killed has explained nothing.
    this.options.onEnd(code, this.#explained ?? this.#final?.end.error);
  }
}
