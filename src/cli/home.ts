/**
 * Lends HOME and SHELL to the environment while oclif loads, where it lacks them: oclif would ask the system for both, which throws
 * for a user id without a passwd entry, as containers have them. Afterwards they are gone again: a worker must not see them.
 */
export async function withHomeAndShell<Value>(load: () => Promise<Value>): Promise<Value> {
  const lacking = ['HOME', 'SHELL'].filter((name) => process.env[name] === undefined);
  for (const name of lacking) process.env[name] = '/';
  try {
    return await load();
  } finally {
    for (const name of lacking) delete process.env[name];
  }
}
