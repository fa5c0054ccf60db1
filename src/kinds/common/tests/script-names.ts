/**
 * Vitest and Jest name a test differently in each of their reports. Here it has one name, whatever tells of it: in Vitest the
 * path `pkg/a.test.ts › group › adds`; in Jest `group adds`, which is what its JUnit XML leaves of it, and what `jest -t` takes.
 */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import type { TestCase } from '../../../core/test-results.ts';

export type TestName = Pick<TestCase, 'suite' | 'name'>;

const BETWEEN = ' > ';
const isScript = (path: string): boolean => /\.[cm]?[jt]sx?$/.test(path);
const isFilled = (text: string): boolean => text !== '';

/** In one line, since some reports put a space for each line break. */
const inLine = (title: string): string => title.trim().replace(/\s+/g, ' ');

export function vitestName(file: string, titles: readonly string[]): TestName {
  const path = [file, ...titles.map(inLine).filter(isFilled)];
  const name = path.pop() ?? '';
  return { suite: path.join(' › '), name };
}

export const jestName = (titles: readonly string[]): TestName => ({
  suite: '',
  name: titles.map(inLine).filter(isFilled).join(' '),
});

/** @returns the name of `a.test.ts > group > adds`; undefined if it does not begin with the file of a script */
export function flatName(text: string): TestName | undefined {
  const [file = '', ...titles] = text.split(BETWEEN);
  return titles.length > 0 && isScript(file) ? vitestName(file, titles) : undefined;
}

/**
 * @param classname and `title` of a test in JUnit's XML
 * @param suites the titles of the suites that it is in
 * @param isJest whether its report says that it is Jest's
 * @returns its name, if it is a test of Vitest or Jest; both may be told to write other names, which are kept
 */
export function junitName(
  classname: string,
  title: string,
  suites: readonly string[],
  isJest: boolean,
): TestName | undefined {
  const last = suites.at(-1) ?? '';
  if (isScript(classname))
    return classname === last && title !== classname
      ? vitestName(classname, title.split(BETWEEN))
      : undefined;
  if (!isJest) return undefined;
  const groups = classname.replaceAll(' › ', ' ');
  return jestName(title === groups || title.startsWith(`${groups} `) ? [title] : [groups, title]);
}

/** A folder, by its path and by that without links; the former alone if it is gone. */
export function pathsOf(folder: string): readonly string[] {
  try {
    return [folder, realpathSync(folder)];
  } catch {
    return [folder];
  }
}

/**
 * @param folders paths of the folder where the runner ran
 * @param file absolute
 * @returns the file from there, if it is in there
 */
export function fileBelow(folders: readonly string[], file: string): string {
  const isInside = (path: string): boolean =>
    path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
  return folders.map((folder) => relative(folder, file)).find(isInside) ?? file;
}
