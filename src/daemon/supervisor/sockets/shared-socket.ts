import type { HeldSocket } from './held-socket.ts';
import type { NativeListener, Query } from './native.ts';
import { SocketFile } from './socket-file.ts';
import { closeHandle } from './unix.ts';

/**
 * A listening socket under scheduling `none`: the workers listen and accept on copies of it, and what nobody accepts waits in the
 * kernel (the socket goes on listening while any copy is open). Cluster's SharedHandle gets the handle itself, since it sends
 * it to the workers; its `close`, when the last worker leaves, only ends the loan.
 */
export class SharedSocket implements HeldSocket {
  readonly workers = new Set<number>();
  readonly waiting = 0;
  readonly dropped = 0;
  /** Nobody tells the supervisor. */
  readonly wasUsed = true;
  isLent = false;
  isClosed = false;
  lastAsked = 0;

  constructor(
    public query: Query,
    readonly handle: NativeListener,
  ) {
    handle.close = () => {
      this.isLent = false;
    };
  }

  lend(): NativeListener {
    this.isLent = true;
    return this.handle;
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.isLent = false;
    Reflect.deleteProperty(this.handle, 'close');
    closeHandle(this.query, this.handle);
  }

  async emptied(): Promise<void> {}

  /** The workers have copies of the handle that no other can take the place of: see `isPathGone` in hooks.ts. */
  adopt(query: Query): void {
    if (query.umask !== this.query.umask) new SocketFile(query).follow(query);
    this.query = query;
  }

  recover(): void {}
}
