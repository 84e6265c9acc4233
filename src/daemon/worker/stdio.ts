/** Output is written before a call returns, as to a file: nothing is lost when the worker exits or crashes right after it. */
export function blockingOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    (stream as { _handle?: { setBlocking?(blocking: boolean): void } | null })._handle?.setBlocking?.(true);
  }
}
