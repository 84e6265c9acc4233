/** Exit code of a command that Ctrl-C ended. */
const interruptedExit = 130;

/** The first Ctrl-C calls `first`, the second one leaves at once. Returns a function that puts things back. */
export function onInterrupt(first: () => void): () => void {
  let pressed = false;
  const listener = () => {
    if (pressed) leave();
    pressed = true;
    first();
  };
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}

/** Ends the command as Ctrl-C does. */
export function leave(): never {
  process.exit(interruptedExit);
}
