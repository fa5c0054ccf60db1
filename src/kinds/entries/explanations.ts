import type { Chapter } from '../../core/explanation.ts';
import type { ENTRIES_FINDINGS } from './findings.ts';

export const ENTRIES_CHAPTER = {
  title: 'Packages',
  texts: {
    'missing-file': {
      means: '`exports`, `main` or `bin` of a package names a file that is not in it.',
      why: 'Whoever imports or runs it gets an error.',
      fix: 'Check `files` in `package.json`, and what the build makes; see [Package](package.md).',
    },
    'unloadable-entry': {
      means: 'An entry point of a package cannot be loaded, or ends the process that loads it.',
      why: 'Whoever imports it gets an error.',
      fix: 'The message names the cause, and the hint loads it by hand.',
    },
  },
} as const satisfies Chapter<typeof ENTRIES_FINDINGS>;
