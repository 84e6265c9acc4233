import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Event } from '../../protocol/schemas.ts';
import { mismatch } from '../build.ts';
import type { LogEntry, OperationEnd, PipeInfo, ToControl } from '../control-link.ts';
import type { PipeHandle } from '../reading-end.ts';
import { orphanMs } from '../start-config.ts';
import { createHandlers } from './api/handlers.ts';
import { buildServer } from './api/server.ts';
import { Events } from './events.ts';
import { explained } from './explained.ts';
import { Logs } from './logs/index.ts';
import type { LogPipe } from './logs/intake/pipe.ts';
import { Operations } from './operations.ts';
import { OwnFiles } from './own-files.ts';
import { supervisorGone, Uplink } from './uplink.ts';

/** How long the end waits for clients to take their last answer, and for logs that somebody else holds open, in milliseconds. */
const clientsMs = 2_000;
const logsMs = 10_000;
/** When it is said who holds them. */
const pipesMs = 1_000;
/** How long a failed boot waits for the command that started the daemon to come and hear of it. */
const bootFollowerMs = 5_000;
/** How long the end of a failed worker's stderr is waited for. */
const lastLinesMs = 1_000;

/** More than can have come since one that is sent again came for the first time. */
const rememberedClients = 10_000;

/** Messages of what a status shows. */
const showing = new Set<ToControl['type']>(['begun', 'event', 'ended', 'finish']);

type Attach = Extract<ToControl, { type: 'attach' }>;
type Read = Extract<ToControl, { type: 'read' }>;
type Finish = Extract<ToControl, { type: 'finish' }>;

/** One life of the control process: everything that it owns, and what it does with the supervisor's messages. */
export class Control {
  readonly #uplink = new Uplink();
  readonly #operations = new Operations();
  readonly #events: Events;
  readonly #app: FastifyInstance;
  /** Each resolves when its client has the answer, or has left. */
  readonly #answers = new Set<Promise<void>>();
  /** The clients that have come: one may be sent twice. */
  readonly #clients = new Set<number>();
  #finishing = false;
  /** Of the last event. */
  #seq = 0;
  readonly #files: OwnFiles;

  static async attach(message: Attach): Promise<Control> {
    const problem = mismatch('control process', message.config);
    if (problem !== undefined) throw new Error(problem);
    const { foreground, logs: config } = message.config;
    const logs = new Logs(config, { foreground, restarted: message.restarts > 0 });
    const control = new Control(message.config, logs, new Events(message.recent));
    control.#seq = message.recent.at(-1)?.seq ?? 0;
    control.#operations.attach(message.operation, !foreground && message.restarts === 0);
    for (const entry of message.unlogged) control.#log(entry);
    if (message.restarts > 0) {
      const died = message.lastDeath ?? 'it died';
      logs.note(
        'warn',
        `control was started again: ${died}; what it had read of the workers' output and not yet written is lost`,
      );
    }
    control.#files.know(message.files);
    await control.#app.ready();
    control.#uplink.send({ type: 'ready' });
    return control;
  }

  private constructor(
    private readonly config: Attach['config'],
    private readonly logs: Logs,
    events: Events,
  ) {
    this.#events = events;
    this.#files = new OwnFiles(config);
    this.#app = buildServer(createHandlers(this.#uplink, this.#operations, events, logs), config.version);
    this.#app.addHook('onRequest', async (_request, reply) => {
      const answer = new Promise<void>((resolve) => reply.raw.once('close', resolve));
      this.#answers.add(answer);
      void answer.then(() => this.#answers.delete(answer));
    });
  }

  receive(message: Exclude<ToControl, Attach | { type: 'ping' }>, handle: Socket | PipeHandle | undefined): void {
    if (showing.has(message.type)) this.#uplink.changed();
    switch (message.type) {
      case 'files':
        return this.#files.know(message.files);
      case 'client':
        return this.#serve(message.id, handle as Socket | undefined);
      case 'pipe':
        return this.#take(message.pipe, handle as PipeHandle);
      case 'read':
        return this.#read(message);
      case 'begun':
        return this.#operations.open(message.operation);
      case 'event':
        this.#publish(message.event);
        return this.#log(message);
      case 'ended':
        return void this.#end(message.operation, message.end);
      case 'reply':
        return this.#uplink.replied(message.id, message.reply);
      case 'note':
        return this.#log(message);
      case 'reopen-logs':
        return void this.logs.reopen();
      case 'finish':
        return void this.#finish(message);
    }
  }

  /**
   * The supervisor was killed: nobody can connect any more, and who follows an operation is told. Its workers finish, and so do their logs;
   * what still holds one of them when every worker is gone is not waited for.
   */
  async orphaned(): Promise<void> {
    if (this.#finishing) return;
    this.#finishing = true;
    this.logs.note('error', 'the daemon was killed; reading the logs of its workers to their ends');
    this.#uplink.lose();
    this.#operations.lose(supervisorGone());
    this.#events.lose(supervisorGone());
    this.#files.remove();
    this.logs.readAll();
    await this.logs.close(orphanMs(this.config.workers) + logsMs);
    process.exit(0);
  }

  #publish(event: Event): void {
    this.#seq = event.seq;
    this.#operations.publish(event);
    this.#events.push(event);
  }

  #log(entry: LogEntry): void {
    if (entry.type === 'event') this.logs.event(entry.event);
    else this.logs.note(entry.level, entry.text);
    this.#uplink.send({ type: 'logged', entry: entry.entry });
  }

  #serve(id: number, socket: Socket | undefined): void {
    this.#uplink.send({ type: 'client-taken', id });
    if (!socket) return;
    // The supervisor did not know that it had come, and sent it again.
    if (this.#clients.has(id)) return void socket.destroy();
    this.#clients.add(id);
    this.#clients.delete(id - rememberedClients);
    socket.on('error', () => {});
    // A socket that came by IPC ends when the other side has; HTTP clients may do that and still wait for the answer.
    socket.allowHalfOpen = true;
    this.#app.server.emit('connection', socket);
  }

  #take(pipe: PipeInfo, handle: PipeHandle): void {
    this.#pipe(pipe).take(handle);
    this.#uplink.send({ type: 'pipe-taken', pipe: pipe.id });
  }

  #read({ pipe, kept, dropped, ended }: Read): void {
    this.#pipe(pipe).read({ kept: Buffer.from(kept ?? '', 'base64'), dropped, ended });
    if (kept !== undefined || dropped > 0) this.#uplink.send({ type: 'kept-logged', pipe: pipe.id });
  }

  #pipe(pipe: PipeInfo): LogPipe {
    return this.logs.pipe(pipe, () => this.#uplink.send({ type: 'pipe-ended', pipe: pipe.id }));
  }

  async #end(operation: number, end: OperationEnd): Promise<void> {
    this.#operations.end(operation, await this.#explain(end));
  }

  /** Adds what the failed worker last said on stderr, for the client and for the daemon's log. */
  async #explain(end: OperationEnd): Promise<OperationEnd> {
    const { error, failure } = end;
    if (!error) return end;
    const lines = failure ? await this.logs.lastLines(failure.worker, lastLinesMs) : [];
    const withLines = explained(error, lines);
    const { daemon, stderr } = this.config.logs;
    // The lines themselves stand above it already when both go to the command's own stream.
    this.logs.note('error', daemon === '-' && stderr === '-' ? error.message : withLines.message);
    return { ...end, error: withLines };
  }

  /** The last bytes are on disk before the last answer is given. */
  async #finish({ operation, end, pipes }: Finish): Promise<void> {
    if (this.#finishing) return;
    this.#finishing = true;
    for (const pipe of pipes) this.#pipe(pipe);
    const finished = await this.#explain(end);
    if (finished.error) this.#uplink.send({ type: 'explained', error: finished.error });
    void setTimeout(pipesMs, end).then((ended) => this.#tellOpenPipes(ended));
    const lostLogs = await this.logs.close(logsMs);
    const outcome = lostLogs.length > 0 ? { ...finished.outcome, lostLogs } : finished.outcome;
    this.#operations.end(operation, { ...finished, outcome });
    this.#events.end();
    if (end.error) await Promise.race([this.#operations.bootSeen, setTimeout(bootFollowerMs)]);
    await Promise.race([this.#allAnswered(), setTimeout(clientsMs)]);
    process.exit(0);
  }

  /** A process that a worker has started may hold its stdout for as long as it likes. */
  async #tellOpenPipes({ outcome: { count } }: OperationEnd): Promise<void> {
    const holders = await this.logs.openPipes();
    if (holders === undefined) return;
    const note = `waiting, for ${logsMs / 1000} s at most, for who still holds the log pipes of workers that are gone: ${holders}`;
    const event = {
      event: 'Status',
      count,
      waitingFor: 'shutdown',
      note,
      time: new Date().toISOString(),
      seq: this.#seq + 1,
    } as const;
    this.#publish(event);
    this.logs.event(event);
  }

  async #allAnswered(): Promise<void> {
    while (this.#answers.size > 0) await Promise.all(this.#answers);
  }
}
