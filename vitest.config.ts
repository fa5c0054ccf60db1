import { configDefaults, defineConfig } from 'vitest/config';

/** What replaces a module for its whole process needs one of its own; and the last one that is short in its file, but not in time. */
const APART = [
  'test/unit/load/{arithmetic,capacity,merged,names,save-failures,standstill,verdicts,channel/arithmetic,session/{function,scenario,secrets}}.test.ts',
  'test/unit/process/{pipe-source,scaling,unread-sockets}.test.ts',
  'test/unit/patterns.test.ts',
];

export default defineConfig({
  test: {
    // End-to-end tests start many processes, and wait for them: two cores serve about three at a time.
    maxWorkers: 3,
    // Only what hangs runs into these: on a busy machine a test takes as long as it takes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // In a workflow of GitHub the program prints more; those who mean to try that say so.
    env: { GITHUB_ACTIONS: '' },
    // In the order of their names: the short ones come last, so that both workers end together.
    projects: [
      {
        extends: true,
        test: { name: 'program', include: ['test/{e2e,docs}/**/*.test.ts', ...APART] },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...APART],
          // Half of their time would go into loading the same modules again.
          isolate: false,
        },
      },
    ],
  },
});
