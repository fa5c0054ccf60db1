import type { Chapter } from '../../core/explanation.ts';
import type { TYPES_FINDINGS } from './findings.ts';

export const TYPES_CHAPTER = {
  title: 'Types',
  texts: {
    'type-error': {
      means: "A sample, or a package's own declarations, do not type-check.",
      why: 'TypeScript users would see this error in their build; if it is in declarations, those who do not set `skipLibCheck`.',
      fix: 'See the file and line, and under which versions and settings it happens.',
    },
    'accepted-misuse': {
      means: 'A file that must not type-check does.',
      why: 'The types allow what you said they forbid.',
      fix: 'Look for `any` in the types that it uses.',
    },
    'missing-export': {
      means: 'A package declares a value that does not exist.',
      why: 'It type-checks, and fails when it runs.',
      fix: 'Run the command that is shown; see [Types](types.md).',
    },
    'wrong-default': {
      means: 'The default export is not the value it is declared to be.',
      why: 'It type-checks, and fails when it runs.',
      fix: 'Declare `export =` if the module is a single value; see [Types](types.md).',
    },
    'unimportable-export': {
      means: 'Node cannot see a declared name in a CommonJS module.',
      why: '`import { name }` type-checks, and fails when it runs.',
      fix: 'Write `exports.NAME = …`, which Node finds when it scans the source.',
    },
    'unresolved-types': {
      means: 'A package has declarations, but TypeScript does not find them.',
      why: 'Everything in it has the type `any`, or does not compile.',
      fix: 'Put a `types` condition first in `exports`.',
    },
    'no-compiler': {
      means: 'A version of TypeScript could not be installed.',
      why: 'Nothing was type-checked with it.',
      fix: "See npm's output, which is shown.",
    },
    'undeclared-export': {
      means: 'A package exports something that it does not declare.',
      why: 'Many packages do so on purpose, so this is only a note.',
      fix: 'Declare it if others are meant to use it.',
    },
    'forms-differ': {
      means: '`import` and `require` of one entry point give different names.',
      why: 'Some packages mean it.',
      fix: 'Export the same from both if it was not meant.',
    },
    'module-format': {
      means: 'Declarations of one module format belong to a module of the other.',
      why: 'TypeScript may allow imports that fail when they run.',
      fix: 'Give each form declarations of its own.',
    },
    untyped: {
      means: 'A package has no declarations.',
      why: 'It can still be used from JavaScript.',
      fix: 'Nothing, if it is not meant for TypeScript, or if others publish its types as `@types/…`.',
    },
    'third-party-types': {
      means: 'Declarations from another package differ from what this one exports.',
      why: 'The package itself cannot fix that.',
      fix: 'Tell their maintainers.',
    },
    'foreign-type-error': {
      means: 'A declaration file of another package does not type-check.',
      why: 'The package itself cannot fix that.',
      fix: 'Tell its maintainers.',
    },
  },
} as const satisfies Chapter<typeof TYPES_FINDINGS>;
