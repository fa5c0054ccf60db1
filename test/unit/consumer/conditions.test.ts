import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { matchStar, resolveTarget, subpathsOf, type Target } from '../../../src/consumer/conditions.ts';
import { readInstalled } from '../../../src/consumer/installed-package.ts';
import fc from '../../rig/fast-check.ts';

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
    ['alternatives, of which Node refuses one', ['d.js', './d.js'], './d.js', './d.js'],
    ['nothing but null among alternatives', { node: [null], default: './d.js' }, undefined, undefined],
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

const CONDITIONS = ['node', 'import', 'require', 'browser', 'types', 'default'];

/** A path, conditions, alternatives, or nothing. */
const targets = (paths: readonly string[]): fc.Arbitrary<Target> =>
  fc.letrec<{ target: Target }>((tie) => ({
    target: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(...paths, null),
      fc.array(tie('target'), { maxLength: 3 }),
      fc
        .uniqueArray(fc.tuple(fc.constantFrom(...CONDITIONS), tie('target')), {
          maxLength: 4,
          selector: ([condition]) => condition,
        })
        .map((entries): Target => Object.fromEntries(entries)),
    ),
  })).target;

const target = targets(['./a.js', './b/a.js', './b/c.js', './none.js', 'a.js']);
const keys = fc.constantFrom('.', './a', './b', './b/a', './b/c');
/** What a pattern leads to has a star: else it fits every name there is, and none is more to be tried than others. */
const patterned = targets(['./*', './*.js', './b/*', './b/*.js']);
const patterns = fc.constantFrom('./*', './b/*', './*.js', './b/*.js', './*/c', './b/*/c');
const subpaths = fc
  .tuple(fc.dictionary(keys, target), fc.dictionary(patterns, patterned))
  .map(([plain, starred]): Target => ({ ...plain, ...starred }))
  .filter((all) => Object.keys(all ?? {}).length > 0);

describe('`exports` lead where Node itself is led', () => {
  const consumer = mkdtempSync(join(tmpdir(), 'conditions-'));
  const { resolve } = createRequire(join(consumer, 'consumer.js'));
  let packages = 0;

  /** Each package has a name of its own, since Node keeps what it has read of one. */
  function write(exports: Target): string {
    packages += 1;
    const name = `package-${packages}`;
    const folder = join(consumer, 'node_modules', name);
    mkdirSync(join(folder, 'b'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '1.0.0', exports }));
    for (const file of ['a.js', 'b/a.js', 'b/c.js']) writeFileSync(join(folder, file), '');
    return name;
  }

  /** What `require` finds; undefined where there is nothing for it, null where it refuses what there is. */
  function byNode(specifier: string): string | null | undefined {
    try {
      return resolve(specifier);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_INVALID_PACKAGE_TARGET' ? null : undefined;
    }
  }

  test.each([
    ['the package', target.filter((each) => each !== null)],
    ['its subpaths', subpaths],
  ])('for %s', (_, drawn: fc.Arbitrary<Target>) => {
    fc.assert(
      fc.property(drawn, (exports) => {
        const name = write(exports);
        const { entryPoints } = readInstalled(consumer, name);
        const ours = new Map(
          entryPoints.flatMap(({ specifier, require: file }) =>
            file?.exists ? [[specifier, join(consumer, 'node_modules', name, file.path)] as const] : [],
          ),
        );
        for (const subpath of ['', '/a', '/b', '/b/a', '/b/c', '/a.js', '/b/a.js', '/b/c.js', '/b/b/c']) {
          const specifier = `${name}${subpath}`;
          const found = byNode(specifier);
          if (found !== null) expect([specifier, ours.get(specifier)]).toEqual([specifier, found]);
        }
      }),
      { numRuns: 100 },
    );
  });

  afterAll(() => rmSync(consumer, { recursive: true, force: true }));
});
