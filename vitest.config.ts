import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // End-to-end tests start many processes; two cores serve about two at a time.
    maxWorkers: 2,
    // Only what hangs runs into these: on a busy machine a test takes as long as it takes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
