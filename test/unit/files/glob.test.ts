import { expect, test } from 'vitest';
import { mayMatch } from '../../../src/files/glob.ts';

test.each([
  ['/app/dist', '/app/dist', true],
  ['/app/dist', '/app/dist/index.js', true],
  ['/app/dist', '/app/distant.js', false],
  ['/app/src/*.so', '/app/src/_native.so', true],
  ['/app/src/*.so', '/app/src/deep/_native.so', false],
  ['/app/src/*.so', '/app/src/_native.py', false],
  ['/app/**/*.so', '/app/src/deep/_native.so', true],
  ['/app/**/*.so', '/app/_native.so', true],
  ['/app/packages/*/dist', '/app/packages/api/dist/index.js', true],
  ['/app/packages/*/dist', '/app/packages/api/src/index.js', false],
  ['/app/build/{debug,release}', '/app/build/release', true],
  ['/app/v?/a+b', '/app/v1/a+b', true],
  ['/app/v?/a+b', '/app/v1/aab', false],
])('whether of what matches %s may be %s: %s', (pattern, path, is) => {
  expect(mayMatch(pattern, path)).toBe(is);
});
