import type { Chapter } from '../../core/explanation.ts';
import type { INIT_FINDINGS } from './findings.ts';

export const INIT_CHAPTER = {
  title: 'Init',
  texts: {
    'init-failed': {
      means: 'A fresh process failed while it loaded the module, used it for the first time, or exited.',
      why: 'Users would see that at their first start.',
      fix: 'The message says what it was doing, and the hint runs that process by itself; see [Init](init.md).',
    },
    'init-hang': {
      means: 'A fresh process made no progress, or did not exit although everything was done.',
      why: 'Command-line programs that use the module would never end.',
      fix: 'See what kept it alive, or where its threads were stuck.',
    },
    'init-unsupported': {
      means: 'A Python module can be imported in a subinterpreter, but its first use fails there.',
      why: 'Few programs use subinterpreters, so this is only a note.',
      fix: 'Nothing, unless the module says that it supports them.',
    },
    'init-warning': {
      means: 'The import of a Python package warns, so that it fails where warnings are errors (`-W error`).',
      why: 'What it uses is deprecated and will be gone some day, or it is deprecated itself. Tests often run that way.',
      fix: 'Use what the warning names instead.',
    },
    'singleton-differs': {
      means: '`import()` and `require()` give two instances of an export that is named in `singletons`.',
      why: 'Programs that use both would have two of what must exist once.',
      fix: 'Have one form load the other.',
    },
    'two-instances': {
      means: '`import()` and `require()` give two instances of an export.',
      why: 'It matters only if they hold state.',
      fix: 'Nothing if they hold none. Otherwise have one form load the other, and name it in `singletons`.',
    },
    'cold-start': {
      means:
        'A start with the module takes longer, compared with the bare interpreter, than `coldStart` allows.',
      why: 'You set that budget.',
      fix: 'Load less at startup.',
    },
    'cold-start-undecided': {
      means: 'The budget lies within the confidence interval of the measured ratio.',
      why: 'Either verdict would be a guess.',
      fix: 'Leave more room, or measure on a quieter machine.',
    },
    'too-many-modules': {
      means: 'The module loads more modules at startup than `--budget modules=N` allows.',
      why: 'Everybody who loads it pays for them, each time; their number does not depend on the machine.',
      fix: 'Load what is rarely needed when it is needed. The hint prints the whole list.',
    },
    'denied-module': {
      means: 'Something that `denyModules` names is loaded at startup.',
      why: 'You said that it must not be.',
      fix: 'Load it where it is first needed.',
    },
    'start-profile': {
      means:
        'How long a cold start takes compared with the bare interpreter, with its interval and the modules it loads.',
      why: 'It is information for comparison, not a judgement.',
      fix: 'Compare it with the previous version.',
    },
  },
} as const satisfies Chapter<typeof INIT_FINDINGS>;
