/** Which modules a project makes, and in which runtime a command runs. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { likelyRuntimes } from '../../../src/kinds/common/likely-runtimes.ts';
import { moduleNamed, modulesOf } from '../../../src/kinds/common/own-modules.ts';
import { HookedFolder } from '../../rig/hooked.ts';

function found(runtime: 'node' | 'python', files: Readonly<Record<string, string>>, from = '.'): unknown {
  using folder = new HookedFolder(files);
  const modules = modulesOf(join(folder.path, from), runtime);
  if (!modules.ok) return modules.error.replaceAll(folder.path, 'ROOT');
  return modules.value.map(({ name, entries }) => [
    name,
    ...entries.map((file) => file.slice(folder.path.length + 1)),
  ]);
}

describe('projects of Node', () => {
  test.each<[string, Record<string, string>, unknown]>([
    ['main', { 'package.json': '{"name":"a","main":"lib/a"}', 'lib/a.js': '' }, [['a', 'lib/a.js']]],
    ['index.js', { 'package.json': '{"name":"a"}', 'index.js': '' }, [['a', 'index.js']]],
    [
      'conditions of exports, without declarations',
      {
        'package.json':
          '{"name":"a","exports":{".":{"types":"./d/a.d.ts","import":"./d/a.mjs","require":{"default":"./d/a.cjs"}},"./b":"./d/b.mjs"}}',
        ...{ 'd/a.mjs': '', 'd/a.cjs': '', 'd/a.d.ts': '', 'd/b.mjs': '' },
      },
      [['a', 'd/a.mjs', 'd/a.cjs']],
    ],
    [
      'an addon',
      { 'package.json': '{"name":"a","main":"build/a"}', 'build/a.node': '' },
      [['a', 'build/a.node']],
    ],
    [
      'workspaces',
      {
        'package.json': '{"name":"all","workspaces":["packages/*"]}',
        'packages/a/package.json': '{"name":"@s/a"}',
        'packages/a/index.js': '',
      },
      [['@s/a', 'packages/a/index.js']],
    ],
    [
      'not built',
      { 'package.json': '{"name":"a","main":"dist/a.js"}' },
      'none of the files exists that ROOT/package.json exports',
    ],
    ['without a name', { 'package.json': '{}', 'index.js': '' }, 'ROOT/package.json has no name'],
  ])('%s', (_, files, expected) => {
    expect(found('node', files)).toEqual(expected);
  });

  test('a folder in the project is of the project', () => {
    const files = { 'package.json': '{"name":"a"}', 'index.js': '', 'integration/thread': '' };
    expect(found('node', files, 'integration')).toEqual([['a', 'index.js']]);
  });
});

describe('projects of Python', () => {
  const project = '[project]\nname = "my-app"\n';
  test.each<[string, Record<string, string>, unknown]>([
    [
      'named as the project',
      { 'pyproject.toml': project, 'my_app/__init__.py': '', 'other/__init__.py': '' },
      [['my_app']],
    ],
    [
      'in src',
      { 'pyproject.toml': project, 'src/one/__init__.py': '', 'src/two.py': '', 'tests/__init__.py': '' },
      [['one'], ['two']],
    ],
    [
      'files and extensions',
      {
        'setup.py': 'setup(name="x")',
        'y.py': '',
        '_z.cpython-311-x86_64-linux-gnu.so': '',
        'conftest.py': '',
      },
      [['y'], ['_z']],
    ],
    ['setup.cfg', { 'setup.cfg': '[metadata]\nname = x-y\n', 'x_y.py': '', 'z.py': '' }, [['x_y']]],
    ['poetry', { 'pyproject.toml': '[tool.poetry]\nversion = "1"\nname = "pp"\n', 'pp.py': '' }, [['pp']]],
    [
      'made by a build',
      { 'pyproject.toml': '[project]\nname = "orjson"\n[tool.maturin]\nmodule-name = "fast.core"\n' },
      [['fast'], ['orjson']],
    ],
    [
      'none',
      {},
      expect.stringMatching(/^there is no pyproject.toml, setup.cfg or setup.py in ROOT or above it$/),
    ],
  ])('%s', (_, files, expected) => {
    expect(found('python', files)).toEqual(expected);
  });
});

test('a module that is named: a package by its folder, a file by its path', () => {
  using folder = new HookedFolder({
    'node_modules/dep/package.json': '{"name":"dep","main":"m.js"}',
    'node_modules/dep/m.js': '',
    'lib.js': '',
  });
  const at = (name: string) => join(folder.path, name);
  expect(moduleNamed('dep', folder.path, 'node')).toEqual({
    name: 'dep',
    folder: at('node_modules/dep'),
    entries: [at('node_modules/dep/m.js')],
  });
  expect(moduleNamed('./lib.js', folder.path, 'node')).toEqual({
    name: 'lib.js',
    folder: null,
    entries: [at('lib.js')],
  });
  expect(moduleNamed('none', folder.path, 'node')).toEqual({ name: 'none', folder: null, entries: [] });
  expect(moduleNamed('orjson', folder.path, 'python')).toEqual({ name: 'orjson', folder: null, entries: [] });
});

test('the runtime of a command is seen in its words, its shebang, or what its script starts', () => {
  using folder = new HookedFolder({
    thread: '#!/usr/bin/env python3\nprint("node")',
    both: '#!/bin/sh\n# starts it\nexec node client.mjs',
    binary: '\x7fELF',
  });
  const likely = (line: string) => likelyRuntimes({ type: 'shell', line }, folder.path)[0];
  expect(likely('./thread')).toBe('python');
  expect(likely('./both 8001')).toBe('node');
  expect(likely('npx tsx check.ts')).toBe('node');
  expect(likely('CI=1 pytest -q tests')).toBe('python');
  expect(likely('./binary')).toBe('python');
  expect(likelyRuntimes({ type: 'argv', argv: ['node', 'python.js'] }, folder.path)[0]).toBe('node');
});
