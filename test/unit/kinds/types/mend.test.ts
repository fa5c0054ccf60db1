/** The lines that mend declarations. */
import { expect, test } from 'vitest';
import type { TypedPackage } from '../../../../src/consumer/typed-package.ts';
import type { Finding } from '../../../../src/core/finding.ts';
import { withMends } from '../../../../src/kinds/types/mend.ts';

const load = (form: 'import' | 'require', file: string) => ({ specifier: 'lib/fp', form, file });

const typed = (
  loads: TypedPackage['entries'][number]['loads'],
  of: Partial<TypedPackage> = {},
): TypedPackage => ({
  ...{ consumer: '/c', folder: '/c/lib', name: 'lib', loaded: { name: 'lib', folder: '/c/lib' } },
  ...{ hasTypes: true, declarations: 'types/lib.d.ts', peers: [], oldest: null, total: 1 },
  entries: [{ specifier: 'lib/fp', subpath: './fp', isMain: false, loads }],
  ...of,
});

const finding = (
  code: 'unresolved-types' | 'module-format' | 'unimportable-export',
  ...names: string[]
): Finding => ({
  ...{ code, message: '', specifier: 'lib/fp', forms: ['import'] },
  exports: names.map((name) => ({ name, file: null, line: null })),
});

const mendOf = (of: Finding, about: TypedPackage) => withMends([of], about)[0]?.mend;

test('declarations that are not found are named first', () => {
  const one = typed([load('import', 'fp.js'), load('require', 'fp.js')]);
  expect(mendOf(finding('unresolved-types', '*'), one)).toEqual({
    file: 'package.json',
    lines: ['"exports": { "./fp": { "types": "./types/lib.d.ts", "default": "./fp.js" } }'],
  });
});

test('each form gets declarations of its own format', () => {
  const two = typed([load('import', 'dist/fp.mjs'), load('require', 'dist/fp.cjs')]);
  expect(mendOf(finding('module-format', '*'), two)?.lines).toEqual([
    '"exports": { "./fp": {',
    '  "import": { "types": "./dist/fp.d.mts", "default": "./dist/fp.mjs" },',
    '  "require": { "types": "./dist/fp.d.cts", "default": "./dist/fp.cjs" }',
    '} }',
  ]);
});

test('names that Node does not see are written where it looks for them', () => {
  const about = typed([load('import', 'fp.js')]);
  expect(mendOf(finding('unimportable-export', 'a', 'b'), about)).toEqual({
    file: 'fp.js',
    lines: ['0 && (module.exports = { a, b });'],
  });
  expect(mendOf(finding('unimportable-export', 'a-b'), about)).toBe(undefined);
});

test('a package cannot mend what others declare of it', () => {
  const described = typed([load('import', 'fp.js')], { name: '@types/lib' });
  expect(mendOf(finding('unresolved-types', '*'), described)).toBe(undefined);
});
