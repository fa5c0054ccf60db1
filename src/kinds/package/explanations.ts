import type { Chapter } from '../../core/explanation.ts';
import type { PACKAGE_FINDINGS } from './findings.ts';

export const PACKAGE_CHAPTER: Chapter<typeof PACKAGE_FINDINGS> = {
  title: 'Lists of packages',
  texts: {
    'package-failed': {
      means: 'In the trial of a package of a list, something failed: the message says what, and how.',
      why: 'It would have failed if the package had been tried by itself.',
      fix: '`cause` in the JSON report is the code of what was found; `shakedown explain` explains it. Try the package by itself: `shakedown package NAME`.',
    },
    'package-unclear': {
      means: 'In the trial of a package of a list, something had no clear outcome.',
      why: 'Nothing is known about that part of the package.',
      fix: 'The message says what kept it from being tried. Try the package by itself: `shakedown package NAME`.',
    },
    'package-untried': {
      means:
        'A package of a list was not tried: it cannot be fetched, has nothing to try, or its trial did not get to its end.',
      why: 'Nothing is known about it, so the list as a whole has not passed.',
      fix: 'Correct its name, or take it out of the list. If a trial did not get to its end, its log says how far it got.',
    },
    'package-tried': {
      means: 'Which version of a package of a list was tried, and how much there was to try.',
      why: 'A list of names says nothing about versions.',
      fix: 'Nothing needs to be done. If findings were left out, they are in the log of the trial.',
    },
    'package-agent': {
      means:
        'Which agent has tried a package of a list; and, if others had it before and were lost, which these were.',
      why: 'An agent that was lost says nothing about the package, so the trial was begun anew elsewhere.',
      fix: 'If the same package loses one agent after another, try it by itself: it may be using up the memory of the machine.',
    },
  },
};
