import type { Chapter } from '../../core/explanation.ts';
import type { API_FINDINGS } from './findings.ts';

export const API_CHAPTER = {
  title: 'Packages',
  texts: {
    'breaking-change': {
      means:
        'Something that the last release had is gone, or is declared more narrowly, and the version says that nothing broke.',
      why: 'Who has `^` before the version, as npm writes it, gets the change unasked. Before 1.0 a minor version may break, and a patch may not.',
      fix: 'Take the version that the message names, or bring back what is gone.',
    },
    'added-in-patch': {
      means: 'A patch release has exports that the last release did not have.',
      why: 'What is new belongs into a minor version: who needs it can then say so.',
      fix: 'Take the version that the message names, if you hold to Semantic Versioning that strictly.',
    },
    'not-compared': {
      means:
        'There is no last release to compare a package with, or it cannot be had. If nothing else is tried, that is inconclusive.',
      why: 'It has not been published yet, is private, or the registry cannot be reached.',
      fix: 'Nothing; or make the registry reachable, and run it again.',
    },
    'since-release': {
      means:
        'Size, dependencies, install scripts, modules and time at start, beside those of the last release.',
      why: 'They grow unnoticed.',
      fix: 'Nothing, unless a number surprises you.',
    },
  },
} as const satisfies Chapter<typeof API_FINDINGS>;
