import { expect, test } from 'vitest';
import { isVersion } from '../../../../src/consumer/python/interpreters.ts';
import { isForOthers } from '../../../../src/consumer/python/run-tool.ts';

test('a version means all that begin with its parts, and never one with the other sort of lock', () => {
  const asked = ['3.1', '3.13', '3.13.0', '3.13.1', '3.13t', '3.13.0t'];
  const meaning = (version: string): string[] => asked.filter((each) => isVersion(version, each));
  expect(meaning('3.13.0')).toEqual(['3.13', '3.13.0']);
  expect(meaning('3.13.0t')).toEqual(['3.13t', '3.13.0t']);
  expect(meaning('3.1.0')).toEqual(['3.1']);
});

test('pip tells what exists for other Pythons from what does not exist', () => {
  const told = [
    'ERROR: Ignored the following versions that require a different python version: 2.1.0 Requires-Python >=3.10; 2.2.1 Requires-Python >=3.10',
    'ERROR: No matching distribution found for numpy==2.2.1',
  ];
  expect(['', '==2.2.1', '===2.1.0', '==2.2', '==99'].filter((each) => isForOthers(told, each))).toEqual([
    ...['', '==2.2.1', '===2.1.0'],
  ]);
  expect(isForOthers(told.slice(1), '')).toBe(false);
});
