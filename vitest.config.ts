import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const tests = readdirSync(join(import.meta.dirname, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => join('test', file));

/** What starts the built program, wherever it lies. */
const endToEnd = tests.filter(
  (file) => /^test\/(e2e|faults|install)/.test(file) || readFileSync(file, 'utf8').includes("support/naught.ts'"),
);
/** What starts processes of its own, writes much to the disk, or waits for a limit of time. */
const integration = tests.filter(
  (file) =>
    /^test\/(worker\/|control\/logs\/|control\/api\/limits|supervisor\/sockets\/)/.test(file) &&
    !endToEnd.includes(file),
);
const unit = tests.filter((file) => !endToEnd.includes(file) && !integration.includes(file));

export default defineConfig({
  test: {
    // Only what hangs takes so long, even where ten times as much is going on as there are processors.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What naught compiles is kept here, and not in the cache of who runs the tests.
    env: { XDG_CACHE_HOME: join(import.meta.dirname, 'node_modules', '.cache') },
    // Every end-to-end test runs a daemon, a control process and workers of its own: more files at once only slow each other.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'unit', include: unit } },
      { extends: true, test: { name: 'integration', include: integration } },
      { extends: true, test: { name: 'e2e', include: endToEnd } },
    ],
  },
});
