/** Which entry points of two releases have their declarations compared. */
import { expect, test } from 'vitest';
import type { EntryPoint, Format } from '../../../../src/consumer/installed-package.ts';
import { comparedSpecifiers } from '../../../../src/kinds/api/compared.ts';

const entry = (specifier: string, format: Format): EntryPoint => {
  const file = { path: 'x', exists: true, format, isProgram: false };
  const none = { importTypes: null, requireTypes: null };
  return { specifier, subpath: '.', import: null, require: file, ...none };
};
const typed = (...names: readonly string[]) => ({
  entries: names.map((specifier) => ({ specifier, subpath: '.', isMain: false, loads: [] })),
});

test('those that both have, but not the content of JSON: a release may change its devDependencies', () => {
  const before = typed('a', 'a/gone', 'a/package.json', 'a/data');
  const after = typed('a', 'a/new', 'a/package.json', 'a/data');
  const entryPoints = [
    ...[entry('a', 'commonjs'), entry('a/gone', 'commonjs')],
    ...[entry('a/package.json', 'json'), entry('a/data', 'json')],
  ];
  expect(comparedSpecifiers(before, after, entryPoints)).toEqual(['a']);
});
