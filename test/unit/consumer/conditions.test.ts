import { describe, expect, test } from 'vitest';
import { matchStar, resolveTarget, subpathsOf, type Target } from '../../../src/consumer/conditions.ts';

const IMPORT = new Set(['node', 'import']);
const REQUIRE = new Set(['node', 'require']);

describe('a target of `exports`', () => {
  test.each<[string, Target, string | undefined, string | undefined]>([
    ['a path', './a.js', './a.js', './a.js'],
    ['conditions', { import: './a.mjs', require: './a.cjs' }, './a.mjs', './a.cjs'],
    ['conditions within conditions', { node: { import: './n.mjs' }, default: './d.js' }, './n.mjs', './d.js'],
    [
      'the first that fits, in the order of the package',
      { default: './d.js', import: './a.mjs' },
      './d.js',
      './d.js',
    ],
    ['a condition that nobody here has', { browser: './b.js' }, undefined, undefined],
    ['null, which ends the search', { import: null, default: './d.js' }, undefined, './d.js'],
    ['alternatives', [{ browser: './b.js' }, './d.js'], './d.js', './d.js'],
    ['alternatives, of which null is passed by', [null, './d.js'], './d.js', './d.js'],
    ['nothing', null, undefined, undefined],
  ])('%s', (_, target, imported, required) => {
    expect(resolveTarget(target, IMPORT)).toBe(imported);
    expect(resolveTarget(target, REQUIRE)).toBe(required);
  });
});

test('`exports` in all their forms are subpaths with targets', () => {
  expect([...subpathsOf('./a.js')]).toEqual([['.', './a.js']]);
  expect([...subpathsOf(['./a.js'])]).toEqual([['.', ['./a.js']]]);
  expect([...subpathsOf({ import: './a.mjs' })]).toEqual([['.', { import: './a.mjs' }]]);
  expect([...subpathsOf({ '.': './a.js', './b': './b.js' })]).toEqual([
    ['.', './a.js'],
    ['./b', './b.js'],
  ]);
});

test.each([
  ['./icons/*', './icons/a', 'a'],
  ['./icons/*.js', './icons/a/b.js', 'a/b'],
  ['./icons/*', './icons/', undefined],
  ['./icons/*.js', './icons/.js', undefined],
  ['./icons/*', './other/a', undefined],
])('%s lets %s through as %s', (pattern, text, star) => {
  expect(matchStar(pattern, text)).toBe(star);
});
