import type { ChildProcess } from 'node:child_process';

/** The end of an IPC channel in Node (lib/internal/child_process.js, setupChannel; the same in Node 20 to 26). */
interface ChannelHandle {
  onread(chunk: ArrayBuffer | undefined): unknown;
  readStart(): void;
  readStop(): void;
}

/** Bytes after which others have their turn first: libuv would read 2 MB at once. */
const largeChunk = 16 * 1024;
/** Bytes of one message that does not end. */
const longestMessage = 256 * 1024 * 1024;

/**
 * The other end of the channel is the application's, which may write anything to its descriptor. What is no message throws in Node for
 * each piece that is read, and Node finds to no message any more: `onRubbish` is called once for such a channel. A flood of messages
 * is read in turns.
 */
export function guardChannel(child: ChildProcess, onRubbish: () => void): void {
  const handle = handleOf(child);
  if (!handle) return;
  const { onread } = handle;
  let broken = false;
  let unfinished = 0;
  handle.onread = function (chunk) {
    const size = chunk?.byteLength ?? 0;
    unfinished = chunk && Buffer.from(chunk).includes(10) ? 0 : unfinished + size;
    if (size >= largeChunk) pause(child, handle);
    try {
      if (unfinished > longestMessage) throw new Error('a message without an end');
      if (!broken || !chunk) return onread.call(this, chunk);
    } catch {
      broken = true;
      onRubbish();
    }
    return undefined;
  };
}

function pause(child: ChildProcess, handle: ChannelHandle): void {
  handle.readStop();
  setImmediate(() => child.connected && handle.readStart());
}

function handleOf(child: ChildProcess): ChannelHandle | undefined {
  const symbol = Object.getOwnPropertySymbols(child).find(({ description }) => description === 'kChannelHandle');
  return symbol && (child as unknown as Record<symbol, ChannelHandle>)[symbol];
}
