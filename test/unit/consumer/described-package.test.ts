/** Which package, and which version of it, declarations of somebody else describe. */
import { expect, test } from 'vitest';
import { describedName, describedVersion } from '../../../src/consumer/described-package.ts';
import type { EntryPoint, PackageContents } from '../../../src/consumer/installed-package.ts';
import { typedPackage } from '../../../src/consumer/typed-package.ts';

test.each([
  ['@types/express', 'express'],
  ['@types/babel__core', '@babel/core'],
  ['express', undefined],
  ['@typescript/vfs', undefined],
])('%s describes %s', (name, described) => {
  expect(describedName(name)).toBe(described);
});

test.each([
  // As by the convention of DefinitelyTyped.
  ['4.17.21', ['4.17.3', '4.17.9', '4.18.0', '5.0.0'], '4.17.9'],
  // There is none of that minor.
  ['4.17.1', ['4.16.0', '4.18.0', '4.19.2', '5.0.0'], '4.19.2'],
  ['4.17.1', ['4.16.0', '5.0.0'], '4.16.0'],
  ['4.17.1', ['1.0.0', '2.0.0'], '2.0.0'],
  ['4.17.1', [], undefined],
])('declarations of %s beside %j are of %s', (version, versions, expected) => {
  expect(describedVersion(version, versions)).toBe(expected);
});

test('what is described is loaded, and what describes it is blamed', () => {
  const file = (path: string) => ({ path, exists: true, format: 'commonjs', isProgram: false }) as const;
  const contents = (name: string, entry: Partial<EntryPoint>): PackageContents => ({
    ...{ consumer: '/c', folder: `/c/node_modules/${name}`, name, version: '1.0.0', bins: [], addons: [] },
    manifest: { name, version: '1.0.0', types: 'index.d.ts' },
    entryPoints: [
      {
        ...{ specifier: name, subpath: '.', import: null, require: null },
        ...{ importTypes: null, requireTypes: null },
        ...entry,
      },
    ],
  });
  const types = contents('@types/lib', { importTypes: file('index.d.ts') });
  const described = contents('lib', { import: file('index.js'), require: file('index.js') });
  const installed = { ...types, scriptWarnings: [], needsNode: null, isReused: false, described };
  expect(typedPackage(installed)).toMatchObject({
    ...{ name: '@types/lib', folder: '/c/node_modules/@types/lib' },
    loaded: { name: 'lib', folder: '/c/node_modules/lib' },
    entries: [{ specifier: 'lib', loads: [{ form: 'import' }, { form: 'require' }] }],
  });
});
