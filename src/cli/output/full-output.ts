/**
 * Makes an output that cannot be written (a full disk) end the command with one line. Who reads it going away is no such thing:
 * each command knows what that means.
 */
export function failOnFullOutput(): void {
  // Before oclif's own listener, which would throw.
  process.stdout.prependListener('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`unable to write to stdout: ${error.message.split(', ')[0]}\n`);
    process.exit(1);
  });
}
