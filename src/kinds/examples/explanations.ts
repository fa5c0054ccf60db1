import type { Chapter } from '../../core/explanation.ts';
import type { EXAMPLES_FINDINGS } from './findings.ts';

export const EXAMPLES_CHAPTER = {
  title: 'Threads',
  texts: {
    'examples-left-out': {
      means: 'Some examples in the docstrings of a Python package were not run in threads.',
      why: 'An example that gives something else each time, or that changes the state of its process, files or the network, shows nothing when many threads run it.',
      fix: 'Nothing, or see the reasons: an example that does not give what it says misleads its readers.',
    },
    'no-examples': {
      means: 'No example in the docstrings of a Python package can be run in threads.',
      why: 'Nobody knows what its functions take, so none was called.',
      fix: 'Nothing, or call a function of your choice: [Threads](threads.md#python).',
    },
  },
} as const satisfies Chapter<typeof EXAMPLES_FINDINGS>;
