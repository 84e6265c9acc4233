import net from 'node:net';

/** As much as libuv reads at once. */
const size = 64 * 1024;

/**
 * What every pipe is read into, one after the other. A buffer for each chunk, which Node makes otherwise, is 50 MB of garbage for
 * 50 MB of logs: its collection took a third of this process's CPU time, in bursts on all cores, which the workers met.
 */
const memory = Buffer.allocUnsafeSlow(size);

/**
 * Calls `onBytes` with all that can be read from the socket, whose place the returned one takes. The bytes are there until the call
 * returns. node:net has `onread` for that, and takes it when a socket is made; those of another process are made by Node. So
 * the handle gets a new socket, in the way of lib/internal/child_process.js (the same in Node 20, 22, 24 and 26).
 */
export function readInto(socket: net.Socket, onBytes: (bytes: Buffer) => void): net.Socket {
  // What it has read by itself, before somebody asked.
  for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) onBytes(chunk);
  const made = socket as unknown as { _handle: object | null; _readableState: { ended: boolean } };
  const handle = made._handle;
  // It was read to its end: a new socket would wait for an end that does not come twice.
  if (!handle || made._readableState.ended) return socket.resume();
  made._handle = null;
  const onread = {
    buffer: memory,
    callback: (length: number) => {
      onBytes(memory.subarray(0, length));
      return true;
    },
  };
  return new net.Socket({ handle, onread, readable: true } as net.SocketConstructorOpts);
}
