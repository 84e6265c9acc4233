import { createHook } from 'node:async_hooks';

/** Made by almost anything, and of no consequence by itself: a line that is logged makes one. */
const trifles = ['TickObject', 'Microtask'];

/**
 * Watches what the listeners of an event begin, from now until the returned function is called after the last of them, and in
 * the microtasks that follow. `onEnd` is told whether they have begun something: any resource of Node (a timer, a socket's or
 * file's operation, …), or a promise that is still pending.
 */
export function watchDispatch(): (onEnd: (began: boolean) => void) => void {
  const pending = new Set<number>();
  let watching = true;
  let began = false;
  // The first of the microtasks; what else is in the queue of ticks comes between.
  queueMicrotask(() => {
    watching = true;
  });
  const hook = createHook({
    init(id, type) {
      if (!watching) return;
      if (type === 'PROMISE') pending.add(id);
      else if (!trifles.includes(type)) began = true;
    },
    promiseResolve: (id) => void pending.delete(id),
    // Each `await` makes one that nobody ever resolves.
    after: (id) => void pending.delete(id),
  }).enable();
  return (onEnd) => {
    watching = false;
    queueMicrotask(() => {
      process.nextTick(() => {
        hook.disable();
        onEnd(began || pending.size > 0);
      });
    });
  };
}
