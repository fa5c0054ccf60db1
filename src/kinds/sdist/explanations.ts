import type { Chapter } from '../../core/explanation.ts';
import type { SDIST_FINDINGS } from './findings.ts';

export const SDIST_CHAPTER = {
  title: 'Packages',
  texts: {
    'sdist-differs': {
      means:
        'A wheel that is built from the sdist of a Python package does not have the same files as its wheel, or something else in its sources, which is a note.',
      why: 'Where no wheel fits, and in distributions of Linux, it is built from the sdist: what is missing there fails only for those who have it from there.',
      fix: 'Put the missing files into the sdist (`MANIFEST.in` for setuptools, `include` for other build backends), and build the wheel from the sdist, as `python -m build` does.',
    },
    'unbuildable-sdist': {
      means: 'A folder can be built, and the sdist that is made of it cannot.',
      why: 'The sdist lacks something that the build needs, so nobody else can build it.',
      fix: 'Put what the build needs into the sdist (`MANIFEST.in` for setuptools, `include` for other build backends).',
    },
    'sdist-unbuilt': {
      means: 'There is no sdist of this version, or it could not be built here in time.',
      why: 'Nothing is known about it: it may need a compiler, or libraries that are not here.',
      fix: 'Nothing needs to be done. The evidence says what was missing.',
    },
    'sdist-untried': {
      means: 'The sdist of a package was not tried: the index, or what builds it, cannot be reached.',
      why: 'Nothing is known about it.',
      fix: 'Check the network, and try it again: `shakedown package NAME sdist`.',
    },
  },
} as const satisfies Chapter<typeof SDIST_FINDINGS>;
