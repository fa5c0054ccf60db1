import type { Chapter } from '../../core/explanation.ts';
import type { EXTRAS_FINDINGS } from './findings.ts';

export const EXTRAS_CHAPTER = {
  title: 'Packages',
  texts: {
    'unresolvable-extra': {
      means:
        'What an extra of a Python package needs cannot be installed: two of its requirements exclude each other, one of them does not exist, or it has a name that nobody can ask for.',
      why: 'Whoever asks for the extra (`pip install NAME[EXTRA]`) gets an error, and not even the package itself.',
      fix: 'The evidence is what pip or uv says. Widen the ranges of those requirements, or correct the name.',
    },
    'extra-elsewhere': {
      means:
        'What an extra of a Python package needs cannot be had here, but may be for another Python or another system.',
      why: 'Nothing is known about the extra.',
      fix: 'If it is for some systems or versions of Python alone, a marker says so: `; sys_platform == "win32"`.',
    },
    'extras-untried': {
      means:
        'It was not found out whether extras of a Python package can be installed: there was no network, or no time.',
      why: 'Nothing is known about them.',
      fix: 'The message says what kept it from being tried. Try it again: `shakedown package NAME extras`.',
    },
  },
} as const satisfies Chapter<typeof EXTRAS_FINDINGS>;
