import { configDefaults, defineConfig } from 'vitest/config';

/**
 * What replaces a module for its whole process needs one of its own. So has the last one, which is short in its file but
 * not in time: these come first.
 */
const APART = [
  'test/unit/load/{arithmetic,capacity,departure-apart,merged,names,save-failures,standstill,verdicts,channel/arithmetic,session/{function,scenario,secrets}}.test.ts',
  'test/unit/process/{pipe-source,scaling,unread-sockets}.test.ts',
  'test/unit/distributed/{client-away,leaving,workflow}.test.ts',
  'test/unit/patterns.test.ts',
];

export default defineConfig({
  test: {
    // End-to-end tests start many processes, and wait for them more than half of their time: two cores serve about four at once.
    maxWorkers: 4,
    // Only what hangs runs into these: on a busy machine a test takes as long as it takes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // In a workflow of GitHub the program prints more; those who mean to try that say so.
    env: { GITHUB_ACTIONS: '' },
    // In the order of their names: the short ones come last, so that all workers end together. Only the first are isolated:
    // the others would spend a good part of their time on loading the same modules again.
    projects: [
      {
        extends: true,
        test: { name: 'apart', include: APART },
      },
      {
        extends: true,
        test: { name: 'program', include: ['test/{e2e,docs}/**/*.test.ts'], isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...APART],
          isolate: false,
        },
      },
    ],
  },
});
