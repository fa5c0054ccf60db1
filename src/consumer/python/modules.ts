/** Which modules of a distribution can be imported, by the files that it installs. Pure. */

export interface PythonModule {
  /** As an import writes it: `requests.adapters`. */
  readonly name: string;
  /** Relative to `site-packages`. */
  readonly file: string;
  /** The name that people import first. */
  readonly isTop: boolean;
  /** No part of its name begins with `_`. */
  readonly isPublic: boolean;
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;
/** `x.py`, `x.cpython-311-x86_64-linux-gnu.so`, `x.abi3.so`, `x.so` */
const SOURCE = /^(.*)\.py$/;
const EXTENSION = /^([^.]*)(?:\.(?:cpython-[\w-]+|abi3|pypy[\w-]+|cp\d[\w-]*))?\.(?:so|pyd)$/;
/** Tests need what only their authors have; `__main__` is a program. */
const NOT_IMPORTED =
  /^(?:tests?|testsuite|_tests?|conftest|test_.*|.*_tests?|__main__|setup|examples?|benchmarks?|docs)$/;

/** The parts of the name of the module that a file is; undefined if it is none. */
export function identifierParts(file: string): string[] | undefined {
  const folders = file.split('/');
  const last = folders.pop() ?? '';
  const stem = SOURCE.exec(last)?.[1] ?? EXTENSION.exec(last)?.[1];
  if (stem === undefined) return undefined;
  const parts = stem === '__init__' ? folders : [...folders, stem];
  return parts.length > 0 && parts.every((part) => IDENTIFIER.test(part)) ? parts : undefined;
}

/** Whether it is for others than its authors. */
export const isTried = (parts: readonly string[]): boolean => !parts.some((part) => NOT_IMPORTED.test(part));

/** Without any regular package above it, or with one all the way down from the first: what lies elsewhere is data. */
function isReachable(parts: readonly string[], packages: ReadonlySet<string>): boolean {
  let isWithin = false;
  for (let length = 1; length < parts.length; length++) {
    const isPackage = packages.has(parts.slice(0, length).join('.'));
    if (isWithin && !isPackage) return false;
    isWithin ||= isPackage;
  }
  return true;
}

/** What people import comes first: there may be no time for all. */
const rankOf = ({ isTop, isPublic }: PythonModule): number => (isTop ? 0 : isPublic ? 1 : 2);

/** @param files of one distribution, relative to `site-packages` */
export function modulesOf(files: readonly string[]): PythonModule[] {
  const found = new Map<string, { readonly parts: string[]; readonly file: string }>();
  const packages = new Set<string>();
  for (const file of files) {
    const parts = file.includes('.dist-info/') || file.startsWith('..') ? undefined : identifierParts(file);
    if (parts === undefined) continue;
    const name = parts.join('.');
    if (/\/__init__\.[^/]+$/.test(file)) packages.add(name);
    // What is compiled comes before its source.
    if (!found.has(name) || !file.endsWith('.py')) found.set(name, { parts, file });
  }
  const reachable = [...found].filter(([, { parts }]) => isReachable(parts, packages) && isTried(parts));
  const names = new Set(reachable.map(([name]) => name));
  return reachable
    .map(([name, { parts, file }]) => ({
      ...{ name, file },
      isTop: !parts.slice(1).some((_, index) => names.has(parts.slice(0, index + 1).join('.'))),
      isPublic: !parts.some((part) => part.startsWith('_')),
    }))
    .sort((a, b) => rankOf(a) - rankOf(b) || (a.name < b.name ? -1 : 1));
}
