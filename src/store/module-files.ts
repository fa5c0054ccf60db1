/**
 * The files of a module where an import finds it: in its package, or where that leads, as an editable installation or a
 * linked package does. They may be built anew in place, without anything that says which version is installed.
 */
import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { Environment } from '../core/suite.ts';
import { above, namesIn, normalised, packageName, pythonFolders } from './installed.ts';

/** A file with the paths of folders or modules is short. */
const LONGEST_LIST = 65_536;

/** Folders that nothing is imported from, or that are packages of their own. */
const IGNORED = new Set([
  'node_modules',
  '__pycache__',
  '.git',
  '.shakedown',
  '.venv',
  'venv',
  '.mypy_cache',
]);

/** What changes whenever a file does: also where a copy keeps the times, or a build gives each file the same. */
export const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): string =>
  `${size}\0${mtimeMs}\0${ctimeMs}\0${ino}`;

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function textOf(file: string): string {
  const stat = statOf(file);
  try {
    return stat?.isFile() === true && stat.size <= LONGEST_LIST ? readFileSync(file, 'utf8') : '';
  } catch {
    return '';
  }
}

/**
 * @param module as an import writes it
 * @param cwd absolute path of the folder from which it is imported
 * @param env of the program that imports it
 * @returns absolute paths of its files and folders; empty: it is not installed anywhere
 */
export function modulePlaces(module: string, cwd: string, env: Environment): string[] {
  if (/^(?:\.{1,2}\/|\/)/.test(module)) return [resolve(cwd, module)];
  const name = packageName(module);
  const ofNode = above(cwd).map((folder) => join(folder, 'node_modules', name));
  const [ofPython = ''] = name.split('.');
  const found = [...ofNode, ...pythonFolders(cwd, env).flatMap((folder) => placesIn(folder, ofPython))];
  return [...new Set(found.flatMap(real))].sort();
}

function real(path: string): string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return [];
  }
}

/** In a folder of the search path, and in those that its lists add to that. */
function placesIn(folder: string, name: string): string[] {
  return namesIn(folder).flatMap((entry) => {
    if (entry.endsWith('.pth')) return added(textOf(join(folder, entry))).flatMap((each) => own(each, name));
    if (/^__editable___.+_finder\.py$/.test(entry)) return mapped(textOf(join(folder, entry)), name);
    return isOf(entry, name) ? [join(folder, entry)] : [];
  });
}

const own = (folder: string, name: string): string[] =>
  namesIn(folder).flatMap((entry) => (isOf(entry, name) ? [join(folder, entry)] : []));

/** Whether it is a package, a module in one file, or the extension of that name. */
const isOf = (entry: string, name: string): boolean =>
  [name, `_${name}`].some((each) => entry === each || entry.startsWith(`${each}.`));

/** The folders that a `.pth` adds to the search path; its other lines are code. */
const added = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line.startsWith('/') ? [line.trim()] : []));

/** Where the finder of setuptools finds a module. */
function mapped(text: string, name: string): string[] {
  const [, mapping = ''] = /^MAPPING[^=\n]{0,80}= *\{([^}]*)\}/m.exec(text) ?? [];
  const pairs = [...mapping.matchAll(/'([^']+)': '([^']+)'/g)];
  return pairs.flatMap(([, module = '', path = '']) =>
    normalised(module.split('.')[0] ?? '') === normalised(name)
      ? [path, ...own(join(path, '..'), `${name}`)]
      : [],
  );
}

/**
 * @param most how many files at most
 * @returns the files of a place with what tells them from others, sorted; undefined if there are more
 */
export function stampsIn(place: string, most: number): string[] | undefined {
  const found: string[] = [];
  const waiting = [place];
  while (waiting.length > 0) {
    const path = waiting.pop() ?? '';
    const stat = statOf(path);
    if (stat?.isFile() === true) found.push(`${path}\0${stampOf(stat)}`);
    else if (stat?.isDirectory() === true) waiting.push(...below(path));
    if (found.length + waiting.length > most) return undefined;
  }
  return found.sort();
}

/** Without links to folders, which may lead in circles. */
function below(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(
        (entry) =>
          !IGNORED.has(entry.name) &&
          (entry.isFile() || entry.isDirectory() || isLinkToFile(folder, entry.name)),
      )
      .map(({ name }) => folder + sep + name);
  } catch {
    return [];
  }
}

const isLinkToFile = (folder: string, name: string): boolean => statOf(join(folder, name))?.isFile() === true;
