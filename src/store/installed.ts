/** What is installed, as far as it can change what a project does: the files that tell one installation from another. */
import { readdirSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { Environment } from '../core/suite.ts';

/** In a workspace, they are in a folder above the project. */
const LOCKS = [
  ...['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'bun.lockb'],
  ...['uv.lock', 'poetry.lock', 'pdm.lock', 'pylock.toml', 'Pipfile.lock'],
];

/** What installers write, each in its own. */
const INSTALLED = [
  ...['node_modules/.package-lock.json', 'node_modules/.yarn-state.yml', 'node_modules/.modules.yaml'],
  ...['.venv/pyvenv.cfg', 'venv/pyvenv.cfg'],
];

/** A folder and those above it, the innermost first. */
export function above(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

/**
 * @param root absolute path of a project
 * @returns absolute paths, whether these files exist or not
 */
export const lockFiles = (root: string): string[] =>
  above(root).flatMap((folder) => [...LOCKS, ...INSTALLED].map((name) => join(folder, name)));

/**
 * The files that say which version of a module is installed: the `package.json` of a package of Node, what a
 * `dist-info` records, and the beginning of a module of Python.
 *
 * @param module as an import writes it
 * @param cwd absolute path of the folder from which it is imported
 * @param env of the program that imports it
 * @returns absolute paths of files, which may be missing
 */
export function versionFiles(module: string, cwd: string, env: Environment): string[] {
  if (/^(?:\.{1,2}\/|\/)/.test(module)) return [];
  const name = packageName(module);
  const ofNode = above(cwd).map((folder) => join(folder, 'node_modules', name, 'package.json'));
  return [...ofNode, ...pythonFolders(cwd, env).flatMap((folder) => filesOfPython(name, folder))];
}

/** `@scope/name` of `@scope/name/part`. */
export function packageName(module: string): string {
  const [first = '', second] = module.split('/');
  return first.startsWith('@') && second !== undefined ? `${first}/${second}` : first;
}

function filesOfPython(module: string, folder: string): string[] {
  const [package_ = ''] = module.split('.');
  const wanted = normalised(package_);
  return namesIn(folder).flatMap((entry) => {
    const [, distribution] = /^(.+?)-[^-]+\.(?:dist|egg)-info$/.exec(entry) ?? [];
    if (distribution !== undefined)
      return normalised(distribution) === wanted
        ? ['RECORD', 'METADATA'].map((file) => join(folder, entry, file))
        : [];
    if (entry === package_) return [join(folder, entry, '__init__.py')];
    return entry.startsWith(`${package_}.`) ? [join(folder, entry)] : [];
  });
}

/** As PyPI compares names. */
export const normalised = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');

/** Where each Python that the program may start keeps its packages. */
export function pythonFolders(
  cwd: string,
  { PATH = '', PYTHONPATH = '', VIRTUAL_ENV, HOME }: Environment,
): string[] {
  const split = (list: string): string[] => list.split(delimiter).filter((each) => each !== '');
  const prefixes = [
    ...(VIRTUAL_ENV === undefined ? [] : [VIRTUAL_ENV]),
    ...above(cwd).flatMap((folder) => [join(folder, '.venv'), join(folder, 'venv')]),
    ...split(PATH).map((folder) => dirname(folder)),
    ...(HOME === undefined ? [] : [join(HOME, '.local')]),
  ];
  const found = prefixes.flatMap((prefix) =>
    ['lib', 'local/lib'].flatMap((lib) =>
      namesIn(join(prefix, lib))
        .filter((name) => name.startsWith('python3'))
        .flatMap((name) => ['site', 'dist'].map((kind) => join(prefix, lib, name, `${kind}-packages`))),
    ),
  );
  return [...new Set([...split(PYTHONPATH).map((folder) => resolve(cwd, folder)), ...found])];
}

/** Sorted; empty if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
