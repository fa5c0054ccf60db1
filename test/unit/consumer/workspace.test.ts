/** Which packages a monorepo has, and which of its neighbours a package needs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type Member,
  membersOf,
  neighboursOf,
  patternsIn,
  workspaceAround,
} from '../../../src/consumer/workspace.ts';

function repository(files: Readonly<Record<string, string | object>>): string {
  const root = mkdtempSync(join(tmpdir(), 'workspace-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries({ '.git': '', ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return root;
}

const PACKAGES = {
  'packages/a/package.json': { name: 'a', version: '1.0.0' },
  'packages/b/package.json': { name: '@s/b', version: '1.0.0', private: true },
  'packages/b/node_modules/c/package.json': { name: 'c', version: '1.0.0' },
  'packages/unnamed/package.json': {},
  'examples/deep/e/package.json': { name: 'e', version: '1.0.0' },
};

test.each<[string, object, Readonly<Record<string, string>>, readonly string[] | undefined]>([
  ['no workspace', {}, {}, undefined],
  ['a list', { workspaces: ['packages/*'] }, {}, ['a', '@s/b']],
  ['a list in an object', { workspaces: { packages: ['./packages/*/'] } }, {}, ['a', '@s/b']],
  ['everything but some', { workspaces: ['**', '!packages/b'] }, {}, ['e', 'a']],
  ['one folder', { workspaces: ['packages/a'] }, {}, ['a']],
  [
    'a root that is published itself',
    { name: 'r', version: '1.0.0', workspaces: ['packages/a'] },
    {},
    ['r', 'a'],
  ],
  ['pnpm', {}, { 'pnpm-workspace.yaml': 'packages:\n  - "packages/*"\n' }, ['a', '@s/b']],
])('%s', async (_, manifest, files, names) => {
  const root = repository({ ...PACKAGES, 'package.json': manifest, ...files });
  expect((await membersOf(root))?.map(({ name }) => name)).toEqual(names);
});

test.each<[string, readonly string[]]>([
  [
    'packages:\n  - a/*\n  - \'b\' # why\n\n  # more\n  - "!**/test/**"\ncatalog:\n  - c\n',
    ['a/*', 'b', '!**/test/**'],
  ],
  ['catalog:\n  x: ^1\npackages:\n- a\n- b\n', ['a', 'b']],
  ["packages: ['a/*', b]\n", ['a/*', 'b']],
  ['onlyBuiltDependencies:\n  - esbuild\n', []],
  ['', []],
])('%j', (yaml, patterns) => {
  expect(patternsIn(yaml)).toEqual(patterns);
});

test('a package knows its workspace, and a folder that is only below one is in none', async () => {
  const root = repository({ ...PACKAGES, 'package.json': { workspaces: ['packages/*'] } });
  expect((await workspaceAround(join(root, 'packages/a'))).map(({ name }) => name)).toEqual(['a', '@s/b']);
  expect(await workspaceAround(join(root, 'examples/deep/e'))).toEqual([]);
});

const member = (name: string, manifest: Partial<Member['manifest']> = {}, isPrivate = false): Member => ({
  folder: `/w/${name}`,
  name,
  version: '1.2.0',
  isPrivate,
  manifest: { name, version: '1.2.0', ...manifest },
});

test.each<[string, Partial<Member['manifest']>, readonly string[]]>([
  ['none', {}, []],
  ['a range that it satisfies', { dependencies: { core: '^1.0.0' } }, ['core']],
  ['a range that only the registry satisfies', { dependencies: { core: '^2.0.0' } }, []],
  ['a protocol', { peerDependencies: { core: 'workspace:^' } }, ['core']],
  ['what a neighbour needs as well', { optionalDependencies: { mid: 'workspace:*' } }, ['mid', 'core']],
  ['what it brings along itself', { dependencies: { core: '^1.0.0' }, bundleDependencies: ['core'] }, []],
  ['a private name that may be another in the registry', { dependencies: { secret: '^1.0.0' } }, []],
])('it needs %s', (_, manifest, names) => {
  const own = member('ui', manifest);
  const mid = member('mid', { dependencies: { core: 'workspace:*', ui: 'workspace:*' } });
  const found = neighboursOf(own, [own, member('core'), mid, member('secret', {}, true)]);
  expect(found.ok && found.value.map(({ name }) => name)).toEqual(names);
});

test('what is private and needed makes a package that nobody can install', () => {
  const own = member('ui', { dependencies: { secret: 'workspace:*' } });
  expect(neighboursOf(own, [own, member('secret', {}, true)])).toMatchObject({
    error: {
      blame: 'package',
      message: 'ui depends on secret, which is private in its workspace, so nobody can install it',
    },
  });
});
