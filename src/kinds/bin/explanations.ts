import type { Chapter } from '../../core/explanation.ts';
import type { BIN_FINDINGS } from './findings.ts';

export const BIN_CHAPTER = {
  title: 'Packages',
  texts: {
    'needs-extra': {
      means:
        'A program of a Python package needs a module that comes with one of its extras, and ends with a traceback.',
      why: 'It is installed without that extra as well, and then does not say what is missing.',
      fix: 'Catch the ImportError in the program, and name the extra: `pip install NAME[EXTRA]`.',
    },
  },
} as const satisfies Chapter<typeof BIN_FINDINGS>;
