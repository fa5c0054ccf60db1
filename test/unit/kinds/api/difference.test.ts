/** What has changed since the last release, and which version that needs. */
import { expect, test } from 'vitest';
import type { EntryPoint, Manifest, PackageContents } from '../../../../src/consumer/installed-package.ts';
import { allows, rightVersion } from '../../../../src/kinds/api/bump.ts';
import type { DeclaredChange } from '../../../../src/kinds/api/protocol.ts';
import { realDifference, type Seen } from '../../../../src/kinds/api/removed.ts';
import { changesFound, changesOf, rowsOf, sinceRelease } from '../../../../src/kinds/api/report.ts';
import type { RealExports } from '../../../../src/kinds/types/protocol.ts';

test.each([
  ['1.2.3', '1.2.4', false, false, '2.0.0', '1.3.0'],
  ['1.2.3', '1.3.0', false, true, '2.0.0', '1.3.0'],
  ['1.2.3', '2.0.0', true, true, '2.0.0', '1.3.0'],
  ['1.2.3', '2.0.0-beta.1', true, true, '2.0.0', '1.3.0'],
  ['1.2.3', '1.2.3', false, false, '2.0.0', '1.3.0'],
  ['0.2.3', '0.2.4', false, true, '0.3.0', '0.2.4'],
  ['0.2.3', '0.3.0', true, true, '0.3.0', '0.2.4'],
  ['0.0.3', '0.0.4', true, true, '0.0.4', '0.0.4'],
])('%s → %s: may break %s, may add %s', (from, to, breaks, adds, forBreak, forAddition) => {
  expect([allows(from, to, 'breaking'), allows(from, to, 'added')]).toEqual([breaks, adds]);
  expect([rightVersion(from, 'breaking'), rightVersion(from, 'added')]).toEqual([forBreak, forAddition]);
});

const file = (path: string) => ({ path, exists: true, format: 'commonjs', isProgram: false }) as const;
const entry = (subpath: string, forms: string): EntryPoint => ({
  specifier: `a${subpath.slice(1)}`,
  subpath,
  import: forms.includes('i') ? file('x.js') : null,
  require: forms.includes('r') ? file('x.js') : null,
  importTypes: null,
  requireTypes: null,
});

function seen(
  entries: Readonly<Record<string, string>>,
  names: readonly string[],
  {
    bins = [],
    kind = 'object',
    exports,
  }: { bins?: string[]; kind?: string; exports?: Manifest['exports'] } = {},
): Seen {
  const keys = Object.fromEntries(Object.keys(entries).map((key) => [key, './x.js']));
  const contents: PackageContents = {
    ...{ consumer: '', folder: '', name: 'a', version: '1.0.0', addons: [] },
    manifest: { name: 'a', version: '1.0.0', exports: exports ?? keys },
    entryPoints: Object.entries(entries).map(([subpath, forms]) => entry(subpath, forms)),
    bins: bins.map((name) => ({ name, path: '', exists: true })),
  };
  const shape = { kind, own: names, all: names, isTranslated: false, default: null, isOwnDefault: false };
  const module: RealExports = { names, default: shape, module: shape };
  return {
    contents,
    real: new Map([
      ['import a', module],
      ['require a', module],
    ]),
  };
}

const BEFORE = seen({ '.': 'ir', './x': 'ir' }, ['f', 'g'], { bins: ['tool'], kind: 'function' });

test.each<[string, Seen, readonly string[], readonly string[]]>([
  ['nothing', BEFORE, [], []],
  [
    'an export, in both forms',
    seen({ '.': 'ir', './x': 'ir' }, ['f'], { bins: ['tool'], kind: 'function' }),
    ['"g" of import "a" is gone'],
    [],
  ],
  [
    'an entry point',
    seen({ '.': 'ir' }, ['f', 'g'], { bins: ['tool'], kind: 'function' }),
    ['"a/x" can no longer be imported'],
    [],
  ],
  [
    'the form for import, where what is for require can be imported as well',
    seen({ '.': 'r', './x': 'ir' }, ['f', 'g'], { bins: ['tool'], kind: 'function' }),
    [],
    [],
  ],
  [
    'the CommonJS form',
    seen({ '.': 'ir', './x': 'i' }, ['f', 'g'], { bins: ['tool'], kind: 'function' }),
    ['require("a/x") no longer gives a CommonJS module'],
    [],
  ],
  [
    'a program, and that the module is a function',
    seen({ '.': 'ir', './x': 'ir' }, ['f', 'g']),
    ['the program tool is gone', 'import "a" no longer gives a function'],
    [],
  ],
  [
    'and what is new',
    seen({ '.': 'ir', './x': 'ir', './y': 'ir' }, ['f', 'g', 'h'], {
      bins: ['tool', 'two'],
      kind: 'function',
    }),
    [],
    ['"a/y" can be imported', 'the program two is new', '"h" of import "a" is new'],
  ],
])('at run time: %s', (_, after, removed, added) => {
  expect(realDifference(BEFORE, after)).toEqual({ removed, added });
});

test('files that a pattern matches, and private names, come and go', () => {
  const exports = { '.': './x.js', './*': './*.js' };
  const before = seen({ '.': 'ir', './chunk-1': 'ir' }, ['f', '_g'], { exports });
  expect(realDifference(before, seen({ '.': 'ir' }, ['f'], { exports }))).toEqual({ removed: [], added: [] });
});

test('a finding names the right version and the line to write; what the export says is not said of its declaration', () => {
  const real = { removed: ['"g" of import "a" is gone'], added: [] };
  const declared = [
    { specifier: 'a', type: 'removed', name: 'g', how: '', cause: 'g' },
    { specifier: 'a', type: 'narrowed', name: 'f', how: 'needs 2 arguments, which were 1', cause: 'f' },
  ] as const;
  const versions = { name: 'a', before: '1.2.3', after: '1.2.4', isAsKnown: false };
  const changes = changesOf(real, declared);
  expect(changesFound(changes, versions)).toMatchObject([
    {
      code: 'breaking-change',
      message: '"g" of import "a" is gone, and 1 more: 1.2.4 follows 1.2.3, and would have to be 2.0.0',
      changes: ['"g" of import "a" is gone', '"f" of "a" needs 2 arguments, which were 1'],
      mend: { file: 'package.json', lines: ['"version": "2.0.0"'] },
    },
  ]);
  // With the right version it is told, and no mistake.
  const right = { ...versions, after: '2.0.0' };
  expect(changesFound(changes, right)).toEqual([]);
  expect(sinceRelease([], changes, right)).toMatchObject({
    message: 'compared with 1.2.3, the last release: 2 breaking changes, as 2.0.0 may have',
    evidence: [
      expect.stringContaining('1.2.3'),
      '"g" of import "a" is gone',
      '"f" of "a" needs 2 arguments, which were 1',
    ],
  });
});

test('a change that several entry points show is told once, with all of them', () => {
  const shown = (specifier: string, name: string, cause: string): DeclaredChange => ({
    ...{ specifier, name, cause, type: 'narrowed', how: 'has no .b any more' },
  });
  const declared = [
    shown('a', 'default', 'one'),
    shown('a/x', 'f', 'one'),
    shown('a/y', 'f', 'one'),
    shown('a/x', 'other', 'two'),
    shown('a', 'default', 'three'),
    shown('a/x', 'g', 'three'),
  ];
  const real = { removed: ['"g" of import "a" is gone'], added: [] };
  expect(changesOf(real, declared).breaking).toEqual([
    '"g" of import "a" is gone',
    '"f" of "a/x" has no .b any more (also "f" of "a/y", "default" of "a")',
    '"other" of "a/x" has no .b any more',
  ]);
});

test('so is an export that is gone from several at run time, or new; a default export is that of its own', () => {
  const both = (names: readonly string[]): Seen => {
    const main = seen({ '.': 'ir', './x': 'ir' }, names);
    const [module] = main.real.values();
    return { ...main, real: new Map([...main.real, ...(module ? [['import a/x', module] as const] : [])]) };
  };
  expect(realDifference(both(['default', 'f', 'g']), both(['g', 'h']))).toEqual({
    removed: [
      '"default" of import "a" is gone',
      '"f" of import "a" is gone (also "f" of "a/x")',
      '"default" of import "a/x" is gone',
    ],
    added: ['"h" of import "a" is new (also "h" of "a/x")'],
  });
});

test('what it costs to install is shown beside the last release: scripts, dependencies, size', () => {
  const before = { bytes: 1200, files: 2, dependencies: 0, scripts: [] };
  const after = { bytes: 45_000, files: 3, dependencies: 2, scripts: ['a', 'esbuild'] };
  const majors = { was: ['chalk ^4'], is: ['chalk ^5'] };
  expect(rowsOf(before, after, majors, undefined)).toEqual([
    ['size', '1.2 kB', '45 kB'],
    ['files', '2', '3'],
    ['dependencies', '0', '2'],
    ['dependencies on other majors', 'chalk ^4', 'chalk ^5'],
    ['install scripts', 'none', 'a, esbuild'],
  ]);
});

test('what package.json no longer promises is a change like any other', () => {
  const needing = (range: string): Seen => {
    const manifest = { ...BEFORE.contents.manifest, engines: { node: range } };
    return { ...BEFORE, contents: { ...BEFORE.contents, manifest } };
  };
  expect(realDifference(needing('>=18'), needing('>=20')).removed).toEqual([
    '`engines` no longer allows Node.js 18',
  ]);
});
