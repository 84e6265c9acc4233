import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Only what hangs takes so long, even where ten times as much is going on as there are processors.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // Every end-to-end test runs a daemon, a control process and workers of its own: more files at once only slow each other.
    maxWorkers: 2,
  },
});
