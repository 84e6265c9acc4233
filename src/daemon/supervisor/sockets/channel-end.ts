import type { ChildProcess } from 'node:child_process';

/**
 * Makes 'disconnect' follow the end of every channel. Node keeps it until the other side has acknowledged each handle that was sent,
 * even when it is at the end of the channel and nobody will (lib/internal/child_process.js, `disconnect` with a `_handleQueue`).
 * When the exit is known before that end, cluster would take the worker for alive for ever.
 */
export function announceChannelEnd(child: ChildProcess): void {
  let announced = false;
  child.once('disconnect', () => {
    announced = true;
  });
  const { disconnect } = child;
  child.disconnect = () => {
    disconnect.call(child);
    // At the end of the channel Node calls this, then takes the channel away; called by somebody else it leaves it until the ACK.
    process.nextTick(() => {
      if (!announced && child.channel === null) child.emit('disconnect');
    });
  };
}
