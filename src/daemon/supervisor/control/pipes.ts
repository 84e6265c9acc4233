import type { Socket } from 'node:net';
import type { PipeInfo, ToControl } from '../../control-link.ts';

/**
 * The log pipes of all workers. A worker writes into one end; the other is sent to control, and the supervisor keeps a copy of
 * it open, so that the worker never meets a closed pipe when control dies, and the next control reads on where that one was.
 */
export class Pipes {
  readonly #open = new Map<number, { info: PipeInfo; socket: Socket }>();
  #next = 1;
  /** A control process has opened the logs. */
  ready = false;

  constructor(private readonly send: (message: ToControl, socket: Socket, options: { keepOpen: true }) => void) {}

  /** `socket` is the reading end as child_process made it: it must not read a byte here. */
  add(socket: Socket, info: Omit<PipeInfo, 'id'>): void {
    stopReading(socket);
    const pipe = { info: { ...info, id: this.#next++ }, socket };
    this.#open.set(pipe.info.id, pipe);
    if (this.ready) this.#hand(pipe);
  }

  /** To a control process that is ready. */
  handAll(): void {
    this.ready = true;
    for (const pipe of this.#open.values()) this.#hand(pipe);
  }

  ended(id: number): void {
    this.#open.get(id)?.socket.destroy();
    this.#open.delete(id);
  }

  #hand({ info, socket }: { info: PipeInfo; socket: Socket }): void {
    this.send({ type: 'pipe', pipe: info }, socket, { keepOpen: true });
  }
}

/**
 * A socket of child_process begins to read as soon as it is made (lib/net.js: `this.read(0)`). There is no public way to take
 * that back before the first byte; nothing has been read yet, since the event loop has not turned.
 */
function stopReading(socket: Socket): void {
  socket.on('error', () => {});
  (socket as unknown as { _handle: { readStop(): void } | null })._handle?.readStop();
}
