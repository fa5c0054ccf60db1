/** The modules that a project makes: what its components try, unless they name another. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { HookedRuntime, OwnModule } from '../../core/module-fault.ts';
import { err, ok, type Result } from '../../core/result.ts';
import { readJson } from '../../files/read-json.ts';

/**
 * @param root absolute path of the project, or of a folder in it
 * @returns the modules that importers of the project see; or the end of a sentence that says why there are none
 */
export const modulesOf = (root: string, runtime: HookedRuntime): Result<OwnModule[], string> =>
  runtime === 'node' ? nodeModules(root) : pythonModules(root);

/**
 * A module given by name.
 *
 * @param name as an import writes it; for Node also the path of a file
 * @param cwd absolute path of the folder from which it is imported
 */
export function moduleNamed(name: string, cwd: string, runtime: HookedRuntime): OwnModule {
  if (runtime === 'python') return { name, folder: null, entries: [] };
  if (isAbsolute(name) || /^\.\.?(?:\/|$)/.test(name)) {
    const file = real(resolve(cwd, name));
    return { name: relative(cwd, file) || name, folder: null, entries: [file] };
  }
  const folder = above(cwd).find((each) => readPackage(each)?.name === name) ?? installed(name, cwd);
  return folder === undefined ? { name, folder: null, entries: [] } : packageIn(real(folder), name);
}

const real = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};

/** A folder and those above it, the innermost first. */
function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

const installed = (name: string, cwd: string): string | undefined =>
  above(cwd)
    .map((folder) => join(folder, 'node_modules', name))
    .find((folder) => existsSync(join(folder, 'package.json')));

interface PackageFile {
  readonly name?: unknown;
  readonly main?: unknown;
  readonly module?: unknown;
  readonly bin?: unknown;
  readonly exports?: unknown;
  readonly workspaces?: unknown;
}

const readPackage = (folder: string): PackageFile | undefined =>
  readJson<PackageFile>(join(folder, 'package.json'));

/** The nearest folder from `root` upwards that has one of the files: a suite may be in a subfolder of the project. */
const projectFolder = (root: string, files: readonly string[]): string | undefined =>
  above(root).find((folder) => files.some((file) => existsSync(join(folder, file))));

/** @returns absolute path of the project that a folder belongs to; undefined if there is none for the runtime */
export const projectOf = (root: string, runtime: HookedRuntime): string | undefined =>
  projectFolder(root, runtime === 'node' ? ['package.json'] : PYTHON_PROJECT);

function nodeModules(root: string): Result<OwnModule[], string> {
  const folder = projectFolder(root, ['package.json']);
  if (folder === undefined) return err(`there is no package.json in ${root} or above it`);
  const found = [folder, ...workspaces(folder)].flatMap((each): OwnModule[] => {
    const name = readPackage(each)?.name;
    return typeof name === 'string' ? [packageIn(real(each), name)] : [];
  });
  const built = found.filter(({ entries }) => entries.length > 0);
  if (built.length > 0) return ok(built);
  return err(
    found.length === 0
      ? `${join(folder, 'package.json')} has no name`
      : `none of the files exists that ${join(folder, 'package.json')} exports`,
  );
}

function packageIn(folder: string, name: string): OwnModule {
  const { main, module, exports } = readPackage(folder) ?? {};
  const targets = [...targetsOf(mainOf(exports)), main, module, 'index'].flatMap((target) =>
    typeof target === 'string' ? fileAt(resolve(folder, target)) : [],
  );
  return { name, folder, entries: [...new Set(targets.map(real))] };
}

/** The part of `exports` that stands for the package itself. */
function mainOf(exports: unknown): unknown {
  const isByPath = typeof exports === 'object' && exports !== null && '.' in exports;
  return isByPath ? (exports as Readonly<Record<string, unknown>>)['.'] : exports;
}

/** The files of all conditions, except declarations. */
function targetsOf(exports: unknown): string[] {
  if (typeof exports === 'string') return /\.d\.[cm]?ts$/.test(exports) ? [] : [exports];
  if (Array.isArray(exports)) return exports.flatMap(targetsOf);
  if (typeof exports !== 'object' || exports === null) return [];
  return Object.entries(exports).flatMap(([key, value]) => (key.startsWith('./') ? [] : targetsOf(value)));
}

/** As `require` completes a path. */
function fileAt(path: string): string[] {
  const ends = ['', '.js', '.cjs', '.mjs', '.json', '.node', '/index.js', '/index.cjs', '/index.mjs'];
  const found = ends.map((end) => path + end).find(isFile);
  return found === undefined ? [] : [found];
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function workspaces(folder: string): string[] {
  const { workspaces: declared } = readPackage(folder) ?? {};
  const patterns = Array.isArray(declared)
    ? declared
    : (declared as { packages?: unknown } | undefined)?.packages;
  if (!Array.isArray(patterns)) return [];
  return patterns.flatMap((pattern: unknown): string[] => {
    if (typeof pattern !== 'string') return [];
    const [, parent] = /^(.*)\/\*\*?$/.exec(pattern) ?? [];
    if (parent === undefined) return [join(folder, pattern)];
    return foldersIn(join(folder, parent)).map((name) => join(folder, parent, name));
  });
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

const PYTHON_PROJECT = ['pyproject.toml', 'setup.cfg', 'setup.py'];

/** Where packages may be, in the order of the search. */
const PYTHON_SOURCES = ['src', 'python', 'lib', '.'];

/** Folders beside a package that are not part of it. */
const NO_PACKAGE =
  /^(?:tests?|testing|docs?|examples?|bench(?:es|marks?)?|integration|e2e|scripts|tools|tasks|build|dist|node_modules|venv|setup|conftest|noxfile|fabfile|typestubs|test_.*|.*_test|__.*)$/;

function pythonModules(root: string): Result<OwnModule[], string> {
  const folder = projectFolder(root, PYTHON_PROJECT);
  if (folder === undefined)
    return err(`there is no pyproject.toml, setup.cfg or setup.py in ${root} or above it`);
  const named = pythonNames(folder);
  for (const source of PYTHON_SOURCES) {
    const there = pythonModulesIn(join(folder, source));
    const chosen = there.filter((name) => named.includes(name));
    // An extension that one of them re-exports belongs to the project as well.
    const rest = there.filter((name) => (chosen.length > 0 ? name.startsWith('_') : source !== 'lib'));
    const found = [...new Set([...chosen, ...rest])].sort(
      (a, b) => Number(a.startsWith('_')) - Number(b.startsWith('_')),
    );
    if (found.length > 0) return ok(found.map((name) => moduleNamed(name, folder, 'python')));
  }
  // It is not written in Python, so the build makes it.
  if (named.length > 0) return ok(named.map((name) => moduleNamed(name, folder, 'python')));
  return err(`neither a package nor a module of Python was found in ${folder}`);
}

/** The name of the project, and the module that it says it makes. */
function pythonNames(folder: string): string[] {
  const texts = PYTHON_PROJECT.map((file) => {
    try {
      return readFileSync(join(folder, file), 'utf8');
    } catch {
      return '';
    }
  });
  const [toml = '', cfg = '', py = ''] = texts;
  const found = [
    /^module-name\s?=\s?["']([\w.-]{1,100})["']/m.exec(toml),
    /^\[(?:project|tool\.poetry)\][^[]*?^name\s?=\s?["']([\w.-]{1,100})["']/m.exec(toml),
    /^\[metadata\][^[]*?^name\s?=\s?([\w.-]{1,100})/m.exec(cfg),
    /\bname\s?=\s?["']([\w.-]{1,100})["']/.exec(py),
  ].flatMap((match) => match?.[1] ?? []);
  return [...new Set(found.map((name) => (name.split('.')[0] ?? name).replaceAll('-', '_')))];
}

function pythonModulesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const [, module] = /^([A-Za-z_]\w*)(?:\.pyi?|(?:\.[\w-]+)?\.(?:so|pyd))?$/.exec(entry.name) ?? [];
      if (module === undefined || NO_PACKAGE.test(module) || entry.name.endsWith('.pyi')) return [];
      const isPackage = entry.isDirectory() && existsSync(join(folder, entry.name, '__init__.py'));
      return isPackage || (entry.isFile() && entry.name.includes('.')) ? [module] : [];
    });
  } catch {
    return [];
  }
}
