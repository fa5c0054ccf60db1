import type { Chapter } from '../../core/explanation.ts';
import type { ENTRIES_FINDINGS } from './findings.ts';

export const ENTRIES_CHAPTER = {
  title: 'Packages',
  texts: {
    'missing-file': {
      means:
        '`exports`, `main` or `bin` of a package names a file that is not in it; or a wheel has neither modules nor programs, and needs nothing.',
      why: 'Whoever imports or runs it gets an error.',
      fix: 'Check `files` in `package.json`, or where the build looks for packages, and what it makes; see [Package](package.md).',
    },
    'unloadable-entry': {
      means: 'An entry point of a package cannot be loaded, or ends the process that loads it.',
      why: 'Whoever imports it gets an error.',
      fix: 'The message names the cause, and the hint loads it by hand.',
    },
    'record-mismatch': {
      means: 'A wheel does not agree with its own `RECORD`, or its metadata with the name of its file.',
      why: 'Some installers refuse it, and none can remove or verify what it does not list.',
      fix: 'Build it with a build tool, and change nothing in it afterwards.',
    },
    'wrong-tag': {
      means:
        'The tag in the name of a wheel says that it fits Pythons or systems that its extension modules are not for.',
      why: 'Installers choose by the tag: they install it there, and its import fails.',
      fix: 'Let the build tool name the wheel.',
    },
    'stray-module': {
      means:
        'A Python package installs a module beside its own under a name that any project uses, such as `tests`.',
      why: 'Two packages that do so overwrite files of each other, and `import tests` finds whichever came last.',
      fix: 'Leave that folder out of the wheel; see [Package](package.md#python).',
    },
    'loose-files': {
      means: 'A Python package installs files, such as a README, directly into `site-packages`.',
      why: 'Another package with a file of that name overwrites it.',
      fix: 'Leave them out of the wheel, or move them into the package.',
    },
    'unmarked-types': {
      means: 'A Python package ships declarations (`.pyi`) and no `py.typed`.',
      why: 'Type checkers ignore such declarations, as PEP 561 demands.',
      fix: 'Add an empty file `py.typed` to the package, and list it as package data.',
    },
  },
} as const satisfies Chapter<typeof ENTRIES_FINDINGS>;
