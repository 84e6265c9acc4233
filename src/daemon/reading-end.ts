import net from 'node:net';

/** As Node has it inside: what can be sent to another process without a byte being read of it. */
export interface PipeHandle {
  fd: number;
  readStop(): void;
  close(): void;
}

/**
 * What every pipe is read into, one after the other, as much as libuv reads at once. A buffer for each chunk, which Node makes
 * otherwise, is 50 MB of garbage for 50 MB of logs: its collection took a third of control's CPU time, in bursts on all
 * cores, which the workers met.
 */
const memory = Buffer.allocUnsafeSlow(64 * 1024);

/** The reading end of a log pipe: two processes have it, and one of them reads. Nothing is read before `resume`, nor after `pause`. */
export class ReadingEnd {
  readonly #socket: net.Socket;
  readonly handle: PipeHandle;

  /** `onBytes`: the bytes are there until the call returns. `onEnd`: once, at the end of the pipe or after `close`. */
  constructor(source: { fd: number } | { handle: PipeHandle }, onBytes: (bytes: Buffer) => void, onEnd: () => void) {
    const callback = (length: number) => {
      onBytes(memory.subarray(0, length));
      return true;
    };
    const options = {
      ...source,
      readable: true,
      writable: false,
      manualStart: true,
      onread: { buffer: memory, callback },
    };
    this.#socket = new net.Socket(options as unknown as net.SocketConstructorOpts);
    this.handle = (this.#socket as unknown as { _handle: PipeHandle })._handle;
    // A reset is an end like another; 'close' follows.
    this.#socket.on('error', () => {});
    this.#socket.once('close', onEnd);
  }

  resume(): void {
    this.#socket.resume();
  }

  pause(): void {
    this.#socket.pause();
  }

  close(): void {
    this.#socket.destroy();
  }
}
