import type { Socket } from 'node:net';
import type { ToControl } from '../../control-link.ts';

/**
 * Clients of the ipc-file on their way to control. The supervisor keeps a copy of each until control says that it has it, so that
 * a client which comes in the moment when control dies is answered by the next one.
 */
export class Clients {
  readonly #waiting = new Map<number, Socket>();
  #next = 1;

  constructor(private readonly send: (message: ToControl, socket: Socket, options: { keepOpen: true }) => void) {}

  /** `socket` must not have been read from. */
  accept(socket: Socket): void {
    socket.on('error', () => {});
    const id = this.#next++;
    this.#waiting.set(id, socket);
    this.send({ type: 'client', id }, socket, { keepOpen: true });
  }

  /** To a control process that was just started. */
  handAll(): void {
    for (const [id, socket] of this.#waiting) this.send({ type: 'client', id }, socket, { keepOpen: true });
  }

  taken(id: number): void {
    this.#waiting.get(id)?.destroy();
    this.#waiting.delete(id);
  }
}
