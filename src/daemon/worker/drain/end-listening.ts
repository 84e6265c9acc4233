import { Server } from 'node:net';

type Close = Server['close'];

/**
 * Closes the listen handle and nothing else. The application may still close the server itself, in its SIGTERM handler for one, and
 * must not be told that it does not run: this server, and no other, gets a `close` for that one call.
 */
export function endListening(server: Server & { closeIdleConnections?(): void }): void {
  let over = false;
  // Before those who end the process with it, and may run what the application has for that.
  server.prependOnceListener('close', () => {
    over = true;
  });
  Server.prototype.close.call(server);
  const close = server.close as Close;
  server.close = function (this: typeof server, callback?: (error?: Error) => void) {
    server.close = close;
    if (this.listening) return close.call(this, callback);
    if (callback) over ? process.nextTick(callback) : this.once('close', () => callback());
    this.closeIdleConnections?.();
    return this;
  } as Close;
}
