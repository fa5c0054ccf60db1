/** Decides whether an exception raised by the import of a Python module counts against its package. Pure. */
import type { PythonModule } from '../../consumer/python/modules.ts';
import { neededExtra, requirementFor, rootOf } from '../../consumer/python/requirements.ts';
import type { PythonEntriesComponent } from './component.ts';
import type { PythonError } from './protocol.ts';
import { isOfAnotherPython, isStandard } from './python-standard.ts';

type JudgedPackage = Pick<PythonEntriesComponent['package'], 'name' | 'site' | 'roots' | 'requirements'>;

/** What is wrong with the package, or why the module may be meant not to be imported here. */
export type ImportJudgement =
  | { readonly because: string }
  /** `isElsewhere`: it needs another system, another Python, or something that this machine lacks. */
  | { readonly excuse: string; readonly isElsewhere?: true };

/** Libraries that a wheel for Linux may expect of the system: those of manylinux that need not be installed. */
const OF_THE_SYSTEM =
  /^lib(?:GL|EGL|X\w+|xcb\S*|SM|ICE|glib-2\.0|gobject-2\.0|gthread-2\.0|asound|nsl|crypt|cuda\w*|nv\w+|cud\w+)\.so/;
const NO_LIBRARY = /^(lib[\w.+-]+\.so[\w.]*): cannot open shared object file/;
const NO_ATTRIBUTE = /^module '([\w.]+)' has no attribute/;
const FROM = /^cannot import name '([^']*)' from (?:partially initialized module )?'([\w.]+)'/;

/** The innermost file in which something was raised, and whether that is the package's own. */
function isRaisedWithin({ files }: PythonError, { site, roots }: JudgedPackage): boolean {
  const last = files.at(-1);
  return (
    last !== undefined &&
    roots.some((root) => last.startsWith(`${site}/${root}/`) || last === `${site}/${root}.py`)
  );
}

const OF_MACOS = ['osx', 'macos', 'darwin', 'mac'];
const OTHER_SYSTEMS = [
  ...['windows', 'win32', 'win', 'winnt', 'bsd', 'freebsd', 'openbsd', 'netbsd', 'sunos', 'solaris', 'aix'],
  ...(process.platform === 'darwin' ? ['linux'] : OF_MACOS),
];

/** `_psutil_windows`: a wheel has the extension modules of one system, and the Python files of all. */
const isOfAnotherSystem = (module: string): boolean =>
  (module.split('.').at(-1) ?? '').split('_').some((word) => OTHER_SYSTEMS.includes(word.toLowerCase()));

const shortFile = (file: string, site: string): string => file.replace(`${site}/`, '');

function judgeNotFound(module: PythonModule, error: PythonError, about: JudgedPackage): ImportJudgement {
  const wanted = error.name ?? '';
  const importer = shortFile(error.files.at(-1) ?? module.file, about.site);
  if (about.roots.includes(rootOf(wanted)) && isOfAnotherSystem(wanted))
    return { excuse: `it needs ${wanted}, which is for another system`, isElsewhere: true };
  if (about.roots.includes(rootOf(wanted)))
    return isRaisedWithin(error, about)
      ? { because: `${importer} imports ${wanted}, which is not in the package` }
      : { excuse: `${importer} imports ${wanted}, which is not in the package` };
  if (isOfAnotherPython(wanted)) {
    const cause = `it needs ${wanted}, which this Python does not have`;
    return { excuse: cause, isElsewhere: true };
  }
  const extra = neededExtra(wanted, about.requirements);
  if (extra !== undefined) return { excuse: extra };
  if (!isRaisedWithin(error, about)) return { excuse: `${rootOf(wanted)} is missing from its dependencies` };
  if (requirementFor(wanted, about.requirements) !== undefined)
    return { excuse: `it needs ${rootOf(wanted)}, which was not installed with it` };
  const cause = `${importer} imports ${rootOf(wanted)}, which its metadata does not declare`;
  return module.isTop && module.isPublic ? { because: cause } : { excuse: cause };
}

function judgeLibrary(library: string): ImportJudgement {
  const cause = `it needs the library ${library}, which is neither in the wheel nor on this machine`;
  return OF_THE_SYSTEM.test(library) ? { excuse: cause, isElsewhere: true } : { because: cause };
}

/** Mistakes of whoever wrote it, rather than something that it refuses to do here. */
const MISTAKES = new Set([
  'NameError',
  'UnboundLocalError',
  'TypeError',
  'AttributeError',
  'IndentationError',
  'SyntaxError',
]);

/** @returns what an error means that a module raised when it was imported by itself, in a fresh process */
export function judgeImport(module: PythonModule, error: PythonError, about: JudgedPackage): ImportJudgement {
  const { type, message } = error;
  const isOurs = error.module === 'builtins';
  const cause = `${type}: ${shortFile(message.split('\n')[0] ?? '', about.site)}`;
  const library = NO_LIBRARY.exec(message)?.[1];
  if (library !== undefined) return judgeLibrary(library);
  if (type === 'ModuleNotFoundError' && isOurs && error.name !== null)
    return judgeNotFound(module, error, about);
  if (message.includes('undefined symbol')) return { because: cause };
  const [, , from] = FROM.exec(message) ?? [];
  if (from !== undefined && about.roots.includes(rootOf(from)) && isRaisedWithin(error, about))
    return module.isPublic ? { because: cause } : { excuse: cause };
  if (type === 'SystemExit' || type === 'KeyboardInterrupt')
    return { excuse: 'it ends the process that imports it' };
  const lacking = NO_ATTRIBUTE.exec(message)?.[1];
  // `signal.CTRL_C_EVENT`, `ctypes.windll`: other systems have them.
  if (lacking !== undefined && isStandard(lacking)) return { excuse: cause, isElsewhere: true };
  const isMistake = isOurs && MISTAKES.has(type) && (type.endsWith('xError') || isRaisedWithin(error, about));
  if (isMistake && module.isPublic) return { because: cause };
  // The package as a whole cannot be imported; a plain ImportError is usually a refusal with words of its own.
  if (module.isTop && module.isPublic && isOurs && !['ImportError', 'RuntimeError', 'OSError'].includes(type))
    return { because: cause };
  return { excuse: cause };
}
