import type { Chapter } from '../../core/explanation.ts';
import type { WHEEL_FINDINGS } from './findings.ts';

export const WHEEL_CHAPTER = {
  title: 'Packages',
  texts: {
    'missing-license': {
      means:
        'The metadata of a wheel names a file with its licence (`License-File`) that is not in the wheel.',
      why: 'Most licences demand that their text comes with each copy, and whoever passes the wheel on has none to pass on.',
      fix: 'Build the wheel from a folder that has the file: a build from an sdist needs it in the sdist as well.',
    },
    unlicensed: {
      means: 'There is no file with a licence in a wheel.',
      why: 'Most licences demand that their text comes with each copy.',
      fix: 'List it: `license-files = ["LICEN[CS]E*"]` in `[project]` of `pyproject.toml`.',
    },
    'build-paths': {
      means:
        'Binaries of a wheel have paths in them that lead into somebody’s home on the machine that built it: of source files, or where to look for libraries.',
      why: 'It tells the world who has built it where. Where libraries are looked for, whoever owns such a folder on another machine chooses what is loaded.',
      fix: 'Build it in a container or in CI; give the compiler `-ffile-prefix-map=$PWD=.`, or Rust `--remap-path-prefix`; remove search paths with `patchelf --remove-rpath`.',
    },
    'unstable-abi': {
      means:
        'Extension modules for any newer Python (`abi3`) use names of the interpreter that are not in its stable ABI.',
      why: 'Any new version of Python may lack them, and then the import fails.',
      fix: 'Define `Py_LIMITED_API` in all their source files, and use what that leaves.',
    },
    unstripped: {
      means: 'Much of the binaries of a wheel is there only for debuggers.',
      why: 'Everybody downloads it, and hardly anybody reads it.',
      fix: 'Strip them: `strip --strip-debug`, `-Wl,--strip-debug` for the linker, `strip = "debuginfo"` in the profile of Cargo.',
    },
    'wheel-profile': {
      means: 'How large a wheel is, and what is in it.',
      why: 'Whoever installs it pays for it.',
      fix: 'Nothing needs to be done.',
    },
  },
} as const satisfies Chapter<typeof WHEEL_FINDINGS>;
