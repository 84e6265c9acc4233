import type { Socket } from 'node:net';
import { CallError } from '../../../protocol/errors.ts';
import { problemResponse } from '../../../protocol/problem.ts';
import type { ToControl } from '../../control-link.ts';
import { now } from '../clock.ts';

/** So many wait for control at the same time, and so many are being told that they cannot: descriptors are the application's. */
const most = 64;
/** One that was sent to a control process that lives, and that it has not taken for so long, did not arrive; in milliseconds. */
const patienceMs = 1_000;
/** How often it is sent to the same control process: that may be out of descriptors. */
const mostOffers = 5;
/** Who was refused has so long to read why, in milliseconds. */
const farewellMs = 1_000;
const lookMs = 500;

interface Client {
  socket: Socket;
  offered: number;
  offers: number;
}

/**
 * Clients of the ipc-file on their way to control. The supervisor keeps a copy of each until control says that it has it, so that
 * a client which comes in the moment when control dies is answered by the next one.
 */
export class Clients {
  readonly #waiting = new Map<number, Client>();
  #next = 1;
  #refused = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly send: (message: ToControl, socket: Socket, options: { keepOpen: true }) => void) {}

  /** `socket` must not have been read from. */
  accept(socket: Socket): void {
    socket.on('error', () => {});
    if (this.#waiting.size >= most) return this.#refuse(socket, 'too many clients wait for an answer');
    const id = this.#next++;
    const client = { socket, offered: 0, offers: 0 };
    this.#waiting.set(id, client);
    socket.once('close', () => this.#waiting.delete(id));
    this.#offer(id, client);
    this.#timer ??= setInterval(() => this.#look(), lookMs).unref();
  }

  /** To a control process that was just started. */
  handAll(): void {
    for (const [id, client] of this.#waiting) {
      client.offers = 0;
      this.#offer(id, client);
    }
  }

  /** Control lives. What it was sent a while ago, and has not taken, it did not get: the system drops a descriptor for which there is no room. */
  offerAgain(): void {
    for (const [id, client] of this.#waiting) {
      if (now() - client.offered < patienceMs) continue;
      if (client.offers < mostOffers) this.#offer(id, client);
      else this.#refuse(this.#forget(id), 'the daemon has no room for another client');
    }
  }

  taken(id: number): void {
    this.#forget(id)?.destroy();
  }

  #offer(id: number, client: Client): void {
    client.offered = now();
    client.offers += 1;
    this.send({ type: 'client', id }, client.socket, { keepOpen: true });
  }

  #forget(id: number): Socket | undefined {
    const client = this.#waiting.get(id);
    this.#waiting.delete(id);
    return client?.socket;
  }

  /** Who has left is noticed only by writing: reading is control's. To write nothing fails where nobody is at the other end. */
  #look(): void {
    for (const { socket } of this.#waiting.values()) socket.write('');
    if (this.#waiting.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #refuse(socket: Socket | undefined, reason: string): void {
    if (!socket || this.#refused >= most) return void socket?.destroy();
    this.#refused += 1;
    socket.once('close', () => (this.#refused -= 1));
    socket.resume().end(problemResponse(new CallError('unavailable', reason)));
    setTimeout(() => socket.destroy(), farewellMs).unref();
  }
}
