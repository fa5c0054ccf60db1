import type { Chapter } from '../../core/explanation.ts';
import type { HINTS_FINDINGS } from './findings.ts';

export const HINTS_CHAPTER = {
  title: 'Type hints',
  texts: {
    'undeclared-name': {
      means:
        'A Python package has a name in `__all__` that its declarations lack: mypy and pyright both refuse to import it.',
      why: 'It works, and does not type-check.',
      fix: 'Declare it in the stub, or take it out of `__all__`.',
    },
    'unexported-name': {
      means:
        'A package with `py.typed` imports all that it offers from private modules, and says nowhere that it offers it.',
      why: 'To checkers, what a module of such a package imports is private: pyright, and mypy with `--strict`, refuse it.',
      fix: 'List the names in `__all__`, or write `from ._core import answer as answer`.',
    },
    'missing-name': {
      means: 'A stub declares a function, a class or a variable that does not exist.',
      why: 'It type-checks, and fails when it runs.',
      fix: 'Take it out of the stub; see [Types](types.md#a-package-for-python).',
    },
    'wrong-signature': {
      means: 'A stub declares a parameter that a function does not have, or lacks one that it needs.',
      why: 'What type-checks is a `TypeError` when it runs.',
      fix: 'Write the parameters that the function has.',
    },
    'refused-declarations': {
      means: 'mypy refuses files of the package itself, or a stub uses a name that is defined nowhere.',
      why: 'Whoever imports it sees an error that they cannot mend, or gets `Any` where they expect a type.',
      fix: 'See the file and line; an import may be missing.',
    },
    'undeclared-module': {
      means:
        'A public module of a package with `py.typed` has no declarations, as it is compiled and has no stub.',
      why: 'mypy does not find it. Perhaps nobody is meant to import it.',
      fix: 'Add a stub if others are meant to use it.',
    },
    'stub-differs': {
      means: 'stubtest sees other differences between stubs and modules.',
      why: 'Some are on purpose, and some concern only who passes arguments by name, so they are only a note.',
      fix: 'Run `stubtest MODULE`, which mypy brings, to see them all.',
    },
  },
} as const satisfies Chapter<typeof HINTS_FINDINGS>;
