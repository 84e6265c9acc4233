import type { PipeInfo, ToControl } from '../../control-link.ts';
import { type PipeHandle, ReadingEnd } from '../../reading-end.ts';
import { now } from '../clock.ts';
import { Spool, SpoolRoom } from './spool.ts';

/** How long a pipe waits for a control process until the supervisor reads it, so that its worker does not block for longer; ms. */
const patienceMs = 5_000;
/** Between two offers of a pipe that control does not take: it may be out of descriptors; ms. */
const offerMs = 5_000;
const lookMs = 250;
/** Pipes of workers that are gone whose last bytes wait for a control process. */
const mostEnded = 1_000;

interface Pipe {
  info: PipeInfo;
  /** null: all of it was read here. */
  end: ReadingEnd | null;
  spool: Spool;
  /** The control process that is there reads it, and nobody else. */
  handed: boolean;
  /** Since when nobody reads it, and when it was offered last. */
  since: number;
  offered: number;
}

/**
 * The log pipes of all workers. A worker writes into one end; control is given the other, and the supervisor keeps it open too, so
 * that the worker never meets a closed pipe when control dies, and the next control reads on where that one was. One of them reads:
 * control when it was told to, and the supervisor, into bounded memory, when there is none that can.
 */
export class Pipes {
  readonly #open = new Map<number, Pipe>();
  readonly #room = new SpoolRoom();
  #next = 1;
  #timer: NodeJS.Timeout | undefined;
  #patienceMs = patienceMs;
  /** A control process has opened the logs. */
  #ready = false;

  constructor(private readonly send: (message: ToControl, handle?: PipeHandle) => void) {}

  get ready(): boolean {
    return this.#ready;
  }

  /** What no control process reads yet. */
  get unread(): PipeInfo[] {
    return [...this.#open.values()].filter(({ handed }) => !handed).map(({ info }) => info);
  }

  /** `source`: the reading end of a new worker's stdout or stderr, of which nothing has been read. */
  add(source: { fd: number } | { handle: PipeHandle }, info: Omit<PipeInfo, 'id'>): void {
    const id = this.#next++;
    const end = new ReadingEnd(
      source,
      (bytes) => this.#keep(pipe, bytes),
      () => this.#atEnd(pipe),
    );
    const spool = new Spool(this.#room);
    const pipe: Pipe = { info: { ...info, id }, end, spool, handed: false, since: now(), offered: 0 };
    this.#open.set(id, pipe);
    if (this.#ready) this.#offer(pipe);
    this.#watch();
  }

  /** A control process is ready. */
  offerAll(): void {
    this.#ready = true;
    this.#patienceMs = patienceMs;
    for (const pipe of this.#open.values()) this.#offer(pipe);
  }

  /** The control process is gone, and had read nothing for so long. `hopeless`: the next one will hardly do better. */
  takeBack(unwellMs: number, hopeless: boolean): void {
    this.#ready = false;
    this.#patienceMs = hopeless ? 0 : patienceMs;
    for (const pipe of this.#open.values()) {
      if (pipe.handed) pipe.since = now() - unwellMs;
      pipe.handed = false;
    }
    this.#watch();
  }

  /** Control has the pipe, and reads it when it is told to. */
  taken(id: number): void {
    const pipe = this.#open.get(id);
    if (pipe && !pipe.handed) this.#hand(pipe);
  }

  /** Control has logged what was kept of it here. */
  keptLogged(id: number): void {
    this.#open.get(id)?.spool.clear();
  }

  /** Control has logged all of it. */
  ended(id: number): void {
    const pipe = this.#open.get(id);
    this.#open.delete(id);
    pipe?.spool.clear();
    pipe?.end?.close();
  }

  #offer(pipe: Pipe): void {
    if (!pipe.end) return this.#hand(pipe);
    pipe.offered = now();
    this.send({ type: 'pipe', pipe: pipe.info }, pipe.end.handle);
  }

  #hand(pipe: Pipe): void {
    pipe.end?.pause();
    pipe.handed = true;
    const { bytes, dropped } = pipe.spool.content();
    const kept = bytes.length > 0 ? { kept: bytes.toString('base64') } : {};
    this.send({ type: 'read', pipe: pipe.info, ...kept, dropped, ended: pipe.end === null });
  }

  #watch(): void {
    this.#timer ??= setInterval(() => this.#look(), lookMs).unref();
  }

  #look(): void {
    const waiting = [...this.#open.values()].filter(({ handed }) => !handed);
    for (const pipe of waiting) {
      if (now() - pipe.since >= this.#patienceMs) pipe.end?.resume();
      if (this.#ready && now() - pipe.offered >= offerMs) this.#offer(pipe);
    }
    if (waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #keep(pipe: Pipe, bytes: Buffer): void {
    if (this.#room.full) this.#forgetOldest();
    pipe.spool.push(bytes);
  }

  #atEnd(pipe: Pipe): void {
    // Control has closed it: nothing is left to read.
    if (!this.#open.has(pipe.info.id)) return;
    pipe.end = null;
    if (this.#ready) this.#hand(pipe);
    else if (pipe.spool.empty) this.#open.delete(pipe.info.id);
    else if (this.#ended().length > mostEnded) this.#forgetOldest();
  }

  #ended(): Pipe[] {
    return [...this.#open.values()].filter(({ end, handed }) => end === null && !handed);
  }

  /** What is dropped of a worker that is gone is counted in the newest pipe of the same log. */
  #forgetOldest(): void {
    const oldest = this.#ended()[0];
    if (!oldest) return;
    this.#open.delete(oldest.info.id);
    const bytes = oldest.spool.clear();
    const heir = [...this.#open.values()].findLast(({ info }) => info.stream === oldest.info.stream);
    heir?.spool.drop(bytes);
  }
}
