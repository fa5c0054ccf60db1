/** A list of packages as a suite. */
import { expect, test } from 'vitest';
import { suiteOf } from '../../../../src/cli/package-list/suite.ts';

test('versions of Python are for the packages of a list that are for Python', () => {
  const packages = [
    { name: 'express', spec: { language: 'node', spec: { type: 'registry', name: 'express', range: '' } } },
    { name: 'pypi:six', spec: { language: 'python', spec: { type: 'index', name: 'six', version: '' } } },
  ] as const;
  const argumentsOf = (python?: readonly string[]): unknown[] =>
    suiteOf(packages, 'packages.txt', '/project', { jobs: 2, python }).components.map((each) =>
      'command' in each && Array.isArray(each.command) ? each.command.slice(-4) : each,
    );
  expect(argumentsOf(['3.11', '3.13t'])).toEqual([
    ['package', 'express', '--jobs', '2'],
    ['--jobs', '2', '--python', '3.11,3.13t'],
  ]);
  expect(argumentsOf()).toEqual([
    ['package', 'express', '--jobs', '2'],
    ['package', 'pypi:six', '--jobs', '2'],
  ]);
});
