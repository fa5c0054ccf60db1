import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMetadata } from '../../../src/consumer/python/metadata.ts';
import { modulesOf, type PythonModule } from '../../../src/consumer/python/modules.ts';
import type { Wheel } from '../../../src/consumer/python/wheel.ts';
import type { Finding } from '../../../src/core/finding.ts';
import type { PythonEntriesComponent } from '../../../src/kinds/entries/component.ts';
import { harmOfEntry } from '../../../src/kinds/entries/harm.ts';
import type { PythonError } from '../../../src/kinds/entries/protocol.ts';
import { judgeFiles } from '../../../src/kinds/entries/python-files.ts';
import { judgeImport } from '../../../src/kinds/entries/python-judge.ts';
import { readEvents, readOutcome, readPrinted } from '../../../src/kinds/entries/python-outcomes.ts';
import { judgeTag } from '../../../src/kinds/entries/python-tag.ts';

const SITE = '/venv/lib/python3.13/site-packages';
const OWN = `${SITE}/lib/core.py`;
const OTHERS = `${SITE}/other/__init__.py`;

const ABOUT = {
  name: 'lib',
  site: SITE,
  roots: ['lib'],
  requirements: [
    { name: 'pyyaml', extras: ['config'] },
    { name: 'idna', extras: [] },
  ],
};

const TOP: PythonModule = { name: 'lib', file: 'lib/__init__.py', isTop: true, isPublic: true };
const SUB: PythonModule = { name: 'lib.core', file: 'lib/core.py', isTop: false, isPublic: true };
const PRIVATE: PythonModule = { name: 'lib._core', file: 'lib/_core.py', isTop: false, isPublic: false };

const error = (type: string, message: string, more: Partial<PythonError> = {}): PythonError => ({
  ...{ type, module: 'builtins', message, name: null, path: null, files: [OWN], stack: [] },
  ...more,
});
const noModule = (name: string, files = [OWN]): PythonError =>
  error('ModuleNotFoundError', `No module named '${name}'`, { name, files });

describe('counts against the package', () => {
  test.each<[string, PythonModule, PythonError, string]>([
    [
      'a module of its own is not there',
      SUB,
      noModule('lib.gone'),
      'lib/core.py imports lib.gone, which is not in the package',
    ],
    [
      'the same in a private one',
      PRIVATE,
      noModule('lib.gone'),
      'lib/core.py imports lib.gone, which is not in the package',
    ],
    [
      'what it does not declare',
      TOP,
      noModule('undeclared.x'),
      'lib/core.py imports undeclared, which its metadata does not declare',
    ],
    ['a mistake', SUB, error('NameError', "name 'x' is not defined"), "NameError: name 'x' is not defined"],
    [
      'its syntax',
      SUB,
      error('SyntaxError', 'invalid syntax (core.py, line 3)', { files: [] }),
      'SyntaxError: invalid syntax (core.py, line 3)',
    ],
    [
      'a circle',
      SUB,
      error(
        'ImportError',
        "cannot import name 'a' from partially initialized module 'lib.core' (most likely due to a circular import)",
      ),
      "ImportError: cannot import name 'a' from partially initialized module 'lib.core' (most likely due to a circular import)",
    ],
    [
      'a symbol',
      PRIVATE,
      error('ImportError', '/x/_core.so: undefined symbol: PyFoo'),
      'ImportError: /x/_core.so: undefined symbol: PyFoo',
    ],
    [
      'a library that it should have brought',
      TOP,
      error('ImportError', 'libfoo.so.1: cannot open shared object file: No such file or directory'),
      'it needs the library libfoo.so.1, which is neither in the wheel nor on this machine',
    ],
    ['anything, where it begins', TOP, error('ValueError', 'bad\nmore'), 'ValueError: bad'],
  ])('%s', (_, module, thrown, because) => {
    expect(judgeImport(module, thrown, ABOUT)).toEqual({ because });
  });
});

describe('may be meant so', () => {
  test.each<[string, PythonModule, PythonError]>([
    ['what an extra brings', TOP, noModule('yaml')],
    ['what only a part of it uses', SUB, noModule('pandas')],
    ['what a dependency lacks', TOP, noModule('gone', [OWN, OTHERS])],
    ['another system', TOP, noModule('winreg')],
    ['a part of it for another system', PRIVATE, noModule('lib._lib_windows')],
    ['another Python', SUB, noModule('distutils.core')],
    [
      'another system, by an attribute',
      SUB,
      error('AttributeError', "module 'ctypes' has no attribute 'windll'"),
    ],
    ['a mistake in a dependency', SUB, error('TypeError', 'x', { files: [OWN, OTHERS] })],
    ['a mistake nobody can meet', PRIVATE, error('NameError', 'x')],
    ['a refusal', TOP, error('ImportError', 'install the extra, please')],
    ['an exception of its own', TOP, error('ImproperlyConfigured', 'x', { module: 'lib.errors' })],
    ['a program', SUB, error('SystemExit', '2')],
    [
      'a library of the system',
      TOP,
      error('ImportError', 'libGL.so.1: cannot open shared object file: No such file'),
    ],
    ['anything, in a part of it', SUB, error('KeyError', "'HOME'")],
  ])('%s', (_, module, thrown) => {
    expect(judgeImport(module, thrown, ABOUT)).toHaveProperty('excuse');
  });
});

const unloadable = (specifier: string): Finding => ({
  code: 'unloadable-entry',
  message: '',
  specifier,
  form: 'import',
  count: 1,
});

const WHEEL: Wheel = {
  ...{
    file: 'lib-1.0-py3-none-any.whl',
    name: 'lib',
    version: '1.0',
    tag: 'py3-none-any',
    files: [],
    describes: null,
    mismatches: [],
  },
  metadata: readMetadata(''),
};

function judged(
  files: readonly string[],
  headers = '',
  more: Partial<Wheel> = {},
  missing: readonly string[] = [],
): string[] {
  const metadata = readMetadata(headers);
  const wheel = { ...WHEEL, files, ...more };
  const modules = modulesOf(files);
  return judgeFiles({ name: 'lib', files, missing, metadata, modules, wheel, oddScripts: [] }).map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

test('programs that nobody can run are told, and not left out in silence', () => {
  const oddScripts = ['my tool = lib:main', 'bare = lib.gui'];
  const about = { ...WHEEL, missing: [], modules: [], oddScripts };
  expect(judgeFiles({ ...about, files: ['lib.py'], wheel: { ...WHEEL, files: ['lib.py'] } })).toMatchObject([
    {
      code: 'entries-left-out',
      message: '2 programs were not tried: my tool = lib:main, bare = lib.gui',
      count: 2,
    },
  ]);
});

const OWN_FILES = ['lib/__init__.py', 'lib-1.0.dist-info/METADATA', '../../../bin/lib'];

test.each<[string, readonly string[], string[]]>([
  ['a sound package', OWN_FILES, []],
  ['tests of its own within it', [...OWN_FILES, 'lib/tests/__init__.py', 'lib/README.md'], []],
  [
    'tests beside it',
    [...OWN_FILES, 'tests/__init__.py', 'tests/test_lib.py'],
    [
      'stray-module: it installs tests as a module of its own, where tests of any other package would be as well',
    ],
  ],
  [
    'files for its authors',
    [...OWN_FILES, 'README.md', 'LICENSE'],
    ['loose-files: it installs README.md, LICENSE beside the packages, not within its own'],
  ],
  [
    'declarations that nobody reads',
    [...OWN_FILES, 'lib/core.pyi'],
    ['unmarked-types: it ships 1 declaration (.pyi) without py.typed, so type checkers ignore them'],
  ],
  ['declarations that are marked', [...OWN_FILES, 'lib/core.pyi', 'lib/py.typed'], []],
  ['declarations for another package', [...OWN_FILES, 'other-stubs/core.pyi'], []],
])('%s', (_, files, findings) => {
  expect(judged(files)).toEqual(findings);
});

test('a wheel with nothing in it is a failure, unless it brings other packages', () => {
  const nothing = { files: ['lib-1.0.dist-info/METADATA'] };
  const found =
    'missing-file: lib-1.0-py3-none-any.whl installs nothing: it has no module and no program, and needs no other package';
  expect(judged(nothing.files, '', nothing)).toEqual([found]);
  expect(judged(nothing.files, 'Requires-Dist: other\n', nothing)).toEqual([]);
  expect(judged(nothing.files, '', { files: ['lib-1.0.data/scripts/lib'] })).toEqual([]);
});

const ONE = 'lib/_c.cpython-311-x86_64-linux-gnu.so';

test.each<[string, readonly string[], string | undefined]>([
  ['py3-none-any', ['lib/data.so'], undefined],
  ['py3-none-any', ['lib/_c.abi3.so'], 'says that it fits any system'],
  ['cp311-cp311-linux_x86_64', [ONE], undefined],
  ['cp312-cp312-linux_x86_64', [ONE], 'names another Python'],
  ['cp310.cp311-cp310.cp311-linux_x86_64', [ONE], undefined],
  ['cp39-abi3-manylinux_2_17_x86_64', ['lib/_c.abi3.so'], undefined],
  ['cp39-abi3-manylinux_2_17_x86_64', [ONE], 'says that it fits any newer Python'],
  ['cp39-abi3-manylinux_2_17_x86_64', [ONE, 'lib/_c.abi3.so'], undefined],
  ['py3-none-manylinux_2_17_x86_64', ['lib/libfoo.so'], undefined],
])('the tag %s with %j: %s', (tag, files, cause) => {
  const [found] = judgeTag({ tag, files });
  expect(found?.message).toEqual(cause === undefined ? undefined : expect.stringContaining(cause));
});

test('promises of its metadata and of its RECORD', () => {
  const typed = 'Classifier: Typing :: Typed\n';
  expect(judged(OWN_FILES, typed)).toEqual([
    'missing-file: the classifier "Typing :: Typed" names lib/py.typed, which is not in the package',
  ]);
  expect(judged([...OWN_FILES, 'lib/py.typed'], typed)).toEqual([]);
  expect(judged(OWN_FILES, '', { mismatches: ['RECORD does not list a'] }, ['b'])).toEqual([
    'record-mismatch: RECORD does not list a, and 1 more thing does not agree',
  ]);
});

test.each<[string, Finding, string]>([
  ['the module that people import', unloadable('lib'), 'every consumer'],
  ['a part of it', unloadable('lib.core'), 'consumers who import lib.core'],
  ['a program', unloadable('lib.core:main'), 'consumers who run lib-run'],
  [
    'a module of anybody',
    { code: 'stray-module', message: '', module: 'tests' },
    'consumers who have another package with a module tests',
  ],
])('whom it hurts: %s', (_, finding, text) => {
  const script = { name: 'lib-run', isGui: false, module: 'lib.core', attribute: 'main', extras: [] };
  const component = {
    language: 'python',
    modules: [TOP, SUB],
    scripts: [script],
  } as unknown as PythonEntriesComponent;
  expect(harmOfEntry(finding, component)?.text).toBe(text);
});

describe('what the processes have written', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'outcomes-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = (content: string): string => {
    const path = join(dir, 'told');
    writeFileSync(path, content);
    return path;
  };

  test.each<[string, unknown]>([
    ['{"type": "imported"}', { type: 'imported' }],
    ['{"type": "lacks"}', { type: 'lacks' }],
    [
      '{"type": "threw", "error": {"type": 1, "message": "m", "files": ["a", 2], "stack": "no list"}}',
      { type: 'threw', error: error('', 'm', { module: '', files: ['a'] }) },
    ],
    ['{"type": "threw", "error": null}', { type: 'threw', error: error('', '', { module: '', files: [] }) }],
    ['null', undefined],
    ['{', undefined],
  ])('%s', (content, outcome) => {
    expect(readOutcome(file(content))).toEqual(outcome);
  });

  test('lines of the journal that make no sense are left out', () => {
    const lines = [
      '{"type": "loaded", "index": 1}',
      '{"type": "begun", "index": 0}',
      '{"type": "ended", "index": 0}',
      'x',
      '[]',
      '{"type": "ended", "index": 0, "code": 0, "signal": 11}',
    ];
    expect(readEvents(file(lines.join('\n')))).toEqual([
      { type: 'loaded', index: 1 },
      { type: 'begun', index: 0 },
      { type: 'ended', index: 0, code: 0, signal: 11 },
    ]);
  });

  test('of very much output the end is read', () => {
    expect(readPrinted(file(`${'x\n'.repeat(100_000)}the end\n`), 1)).toEqual(['the end']);
    expect(readPrinted(join(dir, 'gone'), 1)).toEqual(['']);
  });
});
