import type { EventEmitter } from 'node:events';

// biome-ignore lint/suspicious/noExplicitAny: listeners of any event
type Listener = (...args: any[]) => void;

/**
 * Listens to events of a server first of all, and only while the application does: it treats a request to upgrade, or one that
 * expects 100-continue, in another way as soon as anybody listens.
 */
export function listenBeside(server: EventEmitter, events: string[], listener: Listener): void {
  const listen = (event: string | symbol) => {
    if (isOne(event) && !server.listeners(event).includes(listener)) server.prependListener(event, listener);
  };
  const leave = (event: string | symbol) => {
    if (isOne(event) && server.listeners(event).every((other) => other === listener)) server.off(event, listener);
  };
  const isOne = (event: string | symbol) => typeof event === 'string' && events.includes(event);
  for (const event of events) if (server.listenerCount(event) > 0) listen(event);
  server.on('newListener', (event, other) => {
    if (other !== listener) listen(event);
  });
  server.on('removeListener', (event, other) => {
    if (other !== listener) leave(event);
  });
}
