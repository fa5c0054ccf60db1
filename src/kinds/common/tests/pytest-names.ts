/**
 * pytest prints `pkg/test_math.py::TestGroup::test_adds`, and writes `pkg.test_math.TestGroup` as the class of that test into
 * its JUnit XML. Which of these are folders, the file and classes is certain only if one such file is there.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestCase } from '../../../core/test-results.ts';

type Module = Pick<TestCase, 'suite' | 'file'>;

/** @returns undefined if there is no such file, or more than one */
function moduleOf(cwd: string, classname: string): Module | undefined {
  const parts = classname.split('.');
  const found = parts.flatMap((_, at) => {
    const file = `${parts.slice(0, at + 1).join('/')}.py`;
    const isFile = statSync(resolve(cwd, file), { throwIfNoEntry: false })?.isFile() === true;
    return isFile ? [{ file, suite: [file, ...parts.slice(at + 1)].join(' › ') }] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/**
 * @param cwd where the command of the tests ran
 * @param cases from a file that pytest wrote
 * @returns the same with the names that they have in its output, as far as these are certain
 */
export function asPrinted(cwd: string, cases: readonly TestCase[]): TestCase[] {
  const known = new Map<string, Module | undefined>();
  return cases.map((test) => {
    const { suite } = test;
    if (!/^[\w.]{1,1000}$/.test(suite)) return test;
    if (!known.has(suite)) known.set(suite, moduleOf(cwd, suite));
    const module = known.get(suite);
    return module === undefined ? test : { ...test, suite: module.suite, file: test.file ?? module.file };
  });
}
