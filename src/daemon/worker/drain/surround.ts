import type { EventEmitter } from 'node:events';

const events: EventEmitter = process;

type Listener = (...args: unknown[]) => void;

/**
 * Keeps one listener of an event of the process the first, and another one the last, wherever the application puts its own. The
 * returned function removes them.
 */
export function surround(event: string, first: Listener, last?: Listener): () => void {
  const remove = () => {
    events.off(event, first);
    if (last) events.off(event, last);
  };
  const add = () => {
    remove();
    events.prependListener(event, first);
    if (last) events.on(event, last);
  };
  const onNew = (name: string | symbol, listener: unknown) => {
    if (name === event && listener !== first && listener !== last) queueMicrotask(add);
  };
  add();
  events.on('newListener', onNew);
  return () => {
    events.off('newListener', onNew);
    remove();
  };
}
