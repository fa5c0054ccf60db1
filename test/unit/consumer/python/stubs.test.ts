import { expect, test } from 'vitest';
import { describedBy, isStubOnly, isTyped, stubsOf } from '../../../../src/consumer/python/stubs.ts';

test('declarations are read of a package with a marker, and of one that has nothing but stubs', () => {
  expect(isTyped(['lib/__init__.py', 'lib/py.typed', 'lib-1.0.dist-info/RECORD'])).toBe(true);
  expect(isTyped(['lib/__init__.py', 'lib/__init__.pyi'])).toBe(false);
  const stubs = ['lib-stubs/__init__.pyi', 'lib-stubs/METADATA.toml', 'types_lib-1.0.dist-info/RECORD'];
  expect([isTyped(stubs), isStubOnly(stubs)]).toEqual([true, true]);
  expect(isStubOnly([...stubs, 'other/__init__.py'])).toBe(false);
  expect(isStubOnly(['empty-1.0.dist-info/RECORD'])).toBe(false);
});

test('stubs belong to modules, those of a stub-only package to the modules of another', () => {
  const files = [
    'lib-stubs/__init__.pyi',
    'lib-stubs/a/b.pyi',
    'lib-stubs/tests/c.pyi',
    'lib/_core.pyi',
    'lib/a.py',
  ];
  expect(stubsOf(files)).toEqual([
    { module: 'lib', file: 'lib-stubs/__init__.pyi' },
    { module: 'lib.a.b', file: 'lib-stubs/a/b.pyi' },
    { module: 'lib._core', file: 'lib/_core.pyi' },
  ]);
});

test('what stubs describe is what their metadata says, or else their name', () => {
  const told =
    'This version of\n`types-requests` aims to provide accurate annotations for\n`requests==2.33.*`.\n';
  expect(describedBy('types-requests', told)).toBe('requests==2.33.*');
  expect(describedBy('types-PyYAML', '')).toBe('PyYAML');
  expect(describedBy('pandas-stubs', '')).toBe('pandas');
  expect(describedBy('annotations', '')).toBeNull();
});
