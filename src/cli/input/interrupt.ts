/** Exit code of a command that Ctrl-C ended. */
const interruptedExit = 130;

/** Each Ctrl-C does what is next; one more than there is leaves at once. Returns a function that puts things back. */
export function onInterrupt(...steps: (() => void)[]): () => void {
  const listener = () => (steps.shift() ?? leave)();
  process.on('SIGINT', listener);
  return () => process.off('SIGINT', listener);
}

/** Ends the command as Ctrl-C does. */
export function leave(): never {
  process.exit(interruptedExit);
}
