/** Milliseconds: a worker without a free file descriptor is asked again after that. */
const refusedPause = 100;

/**
 * The handles on their way to one worker, in their order: it acknowledges each, or says that it could not take it, for lack of
 * a file descriptor (NODE_HANDLE_NACK, lib/internal/child_process.js). Node forgets the latter, with the connection and the worker,
 * which would get no other one: `onRefused` gives the number of the message, after a pause.
 */
export class HandlesSent {
  readonly #sent: (number | undefined)[] = [];

  constructor(private readonly onRefused: (seq: number) => void) {}

  /** `seq`: of the message that the handle goes with, if that is a connection. */
  add(seq?: number): void {
    this.#sent.push(seq);
  }

  hear(message: unknown): void {
    const { cmd } = message as { cmd?: string };
    if (cmd !== 'NODE_HANDLE_ACK' && cmd !== 'NODE_HANDLE_NACK') return;
    const seq = this.#sent.shift();
    if (cmd === 'NODE_HANDLE_NACK' && seq !== undefined) setTimeout(() => this.onRefused(seq), refusedPause);
  }
}
