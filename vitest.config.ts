import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Every end-to-end test runs a daemon, a control process and workers of its own: more files at once only slow each other.
    maxWorkers: 2,
  },
});
