// Everything is imported where it can be caught that the system refuses it.
main().catch((error) => {
  process.stderr.write(`unable to run: ${reasonOf(error as NodeJS.ErrnoException)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  process.cwd(); // throws where it is gone
  const { begin } = await import('./begin.ts');
  await begin(process.argv.slice(2));
}

/** Of what the system refuses before there is a command that could tell it. Anything else is a fault of naught: its stack says where. */
function reasonOf({ code, syscall, message, stack }: NodeJS.ErrnoException): string {
  if (syscall === 'uv_cwd') return 'the current directory is gone; change to one that is there';
  if (/EMFILE|ENFILE|ERR_INVALID_PACKAGE_CONFIG/.test(code ?? ''))
    return `${message}; are there enough descriptors? (ulimit -n)`;
  return syscall === undefined ? (stack ?? message) : message;
}

export {};
