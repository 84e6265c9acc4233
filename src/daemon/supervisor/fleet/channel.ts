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

/** The event of cluster's own messages, and of those that bring a handle. */
const internalMessage: string = 'internalMessage';
/** How long messages are counted before they are told, in milliseconds. */
const countMs = 1_000;

interface Misuse {
  /** What is no message has been read: Node throws for each piece of it, and finds to no message any more. Once. */
  onRubbish(): void;
  /** So many messages looked like cluster's own, and made it throw. Once. */
  onForged(messages: number): void;
}

/** The other end of the channel is the application's, which may write anything to its descriptor. A flood of messages is read in turns. */
export function guardChannel(child: ChildProcess, { onRubbish, onForged }: Misuse): void {
  guardCluster(child, onForged);
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

/** Node emits its own messages later, when no `onread` is there to catch what cluster throws at them. */
function guardCluster(child: ChildProcess, onForged: (messages: number) => void): void {
  const { emit } = child;
  let forged = 0;
  child.emit = function (this: ChildProcess, ...emitted: Parameters<typeof emit>) {
    if (emitted[0] !== internalMessage) return emit.apply(this, emitted);
    try {
      return emit.apply(this, emitted);
    } catch {
      forged += 1;
      if (forged === 1) setTimeout(() => onForged(forged), countMs);
      return true;
    }
  } as typeof child.emit;
}

function pause(child: ChildProcess, handle: ChannelHandle): void {
  handle.readStop();
  setImmediate(() => child.connected && handle.readStart());
}

function handleOf(child: ChildProcess): ChannelHandle | undefined {
  const symbol = Object.getOwnPropertySymbols(child).find(({ description }) => description === 'kChannelHandle');
  return symbol && (child as unknown as Record<symbol, ChannelHandle>)[symbol];
}
