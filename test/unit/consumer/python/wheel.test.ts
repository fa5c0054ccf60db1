import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMetadata, readRecord, readScripts } from '../../../../src/consumer/python/metadata.ts';
import { modulesOf } from '../../../../src/consumer/python/modules.ts';
import { neededExtra } from '../../../../src/consumer/python/requirements.ts';
import { readWheel, type Wheel } from '../../../../src/consumer/python/wheel.ts';
import { readZip } from '../../../../src/consumer/python/zip.ts';
import { type WheelParts, wheelOf, zipOf } from '../../../rig/wheel.ts';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'wheel-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function read(parts: WheelParts, fileName?: string): Wheel | undefined {
  const { name, bytes } = wheelOf(parts, { 'lib/__init__.py': 'answer = 42\n' });
  const path = join(dir, fileName ?? name);
  writeFileSync(path, bytes);
  return readWheel(path);
}

test('a wheel that agrees with itself', () => {
  expect(read({ name: 'lib' })).toMatchObject({
    name: 'lib',
    version: '1.0',
    tag: 'py3-none-any',
    mismatches: [],
    files: expect.arrayContaining(['lib/__init__.py']) as string[],
  });
});

test.each<[string, WheelParts, string | undefined, string]>([
  [
    'a file that RECORD does not list',
    { name: 'lib', record: (text) => text.replace(/^lib.*\n/, '') },
    undefined,
    'RECORD does not list lib/__init__.py',
  ],
  [
    'a file that is not there',
    { name: 'lib', record: (text) => `${text}lib/gone.py,,\n` },
    undefined,
    'RECORD lists lib/gone.py, which is not in the wheel',
  ],
  [
    'a file that was changed',
    { name: 'lib', record: (text) => text.replace(/sha256=[^,]+/, 'sha256=AAAA') },
    undefined,
    'RECORD has another hash of lib/__init__.py',
  ],
  [
    'another name',
    { name: 'lib' },
    'other-1.0-py3-none-any.whl',
    'METADATA names it lib, and its file other',
  ],
  [
    'another version',
    { name: 'lib' },
    'lib-2.0-py3-none-any.whl',
    'METADATA says version 1.0, and its file 2.0',
  ],
])('%s', (_, parts, fileName, message) => {
  expect(read(parts, fileName)?.mismatches).toEqual([message]);
});

test('the same name and version, written otherwise', () => {
  expect(
    read({ name: 'My.Lib', version: '1.0+local.1' }, 'my_lib-1.0_local.1-py3-none-any.whl')?.mismatches,
  ).toEqual([]);
});

test.each([
  ['a name without tags', 'lib.whl', wheelOf({ name: 'lib' }, {}).bytes],
  ['no archive', 'lib-1.0-py3-none-any.whl', Buffer.from('nothing of the sort')],
  ['half an archive', 'lib-1.0-py3-none-any.whl', wheelOf({ name: 'lib' }, {}).bytes.subarray(300)],
])('%s is no wheel', (_, name, bytes) => {
  writeFileSync(join(dir, name), bytes);
  expect(readWheel(join(dir, name))).toBeUndefined();
});

test('what is packed in an archive is unpacked, and never to more than it says', () => {
  expect(
    readZip(zipOf({ 'a.txt': 'as it is' }))?.[0]
      ?.read()
      ?.toString(),
  ).toBe('as it is');
  const archive = zipOf({ 'a.txt': deflateRawSync(Buffer.alloc(100_000)) });
  const index = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  archive.writeUInt16LE(8, index + 10);
  expect(readZip(archive)?.[0]?.read()).toBeUndefined();
  archive.writeUInt32LE(100_000, index + 24);
  expect(readZip(archive)?.[0]?.read()?.length).toBe(100_000);
});

test('files that share their content, and metadata of any size, would fill the memory', () => {
  const archive = zipOf({ a: 'a'.repeat(500), b: '' });
  expect(readZip(archive)?.length).toBe(2);
  const index = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  archive.writeUInt32LE(500, index + 20);
  expect(readZip(archive)).toBeUndefined();
  const { name, bytes } = wheelOf({ name: 'huge' }, {});
  const entry =
    bytes.indexOf('huge-1.0.dist-info/METADATA', bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]))) - 46;
  bytes.writeUInt32LE(600 * 1024 * 1024, entry + 24);
  const path = join(dir, name);
  writeFileSync(path, bytes);
  expect(readWheel(path)).toBeUndefined();
});

test('metadata', () => {
  const text = [
    'Metadata-Version: 2.1',
    'Name: lib',
    'Version: 1.0',
    'Requires-Python: >=3.9',
    'Requires-Dist: PySocks!=1.5.7,>=1.5.6; extra == "socks"',
    "Requires-Dist: Jinja2 ; python_version > '3' and (extra == 'web' or extra == 'all')",
    'Requires-Dist: idna<4',
    'Provides-Extra: socks',
    'Classifier: Typing :: Typed',
    '',
    'Name: not a header',
  ].join('\r\n');
  expect(readMetadata(text)).toEqual({
    name: 'lib',
    version: '1.0',
    requiresPython: '>=3.9',
    requirements: [
      { name: 'pysocks', extras: ['socks'] },
      { name: 'jinja2', extras: ['web', 'all'] },
      { name: 'idna', extras: [] },
    ],
    extras: ['socks'],
    licenseFiles: [],
    classifiers: ['Typing :: Typed'],
  });
});

test('scripts', () => {
  const text =
    '[console_scripts]\nrun = lib.cli:main\nother=lib.cli : App.run [fast, more]\n../x = lib:main\n[lib.plugins]\np = lib:plugin\n[gui_scripts]\nwin = lib.gui:main\nbare = lib.gui\n# a comment = none\n';
  const { scripts, odd } = readScripts(text);
  expect(odd).toEqual(['../x = lib:main', 'bare = lib.gui']);
  expect(scripts).toEqual([
    { name: 'run', isGui: false, module: 'lib.cli', attribute: 'main', extras: [] },
    { name: 'other', isGui: false, module: 'lib.cli', attribute: 'App.run', extras: ['fast', 'more'] },
    { name: 'win', isGui: true, module: 'lib.gui', attribute: 'main', extras: [] },
  ]);
});

test('rows of RECORD', () => {
  expect(readRecord('a.py,sha256=x,1\r\n"b,""c"".py",,\n\n"d\ne.py",sha256=y,2\nf"g.py,,')).toEqual([
    { path: 'a.py', hash: 'sha256=x' },
    { path: 'b,"c".py', hash: '' },
    { path: 'd\ne.py', hash: 'sha256=y' },
    { path: 'f"g.py', hash: '' },
  ]);
});

test.each([
  ['socks', 'it needs socks, which comes with the extra socks'],
  ['yaml', 'it needs yaml, which comes with the extra config'],
  ['google.cloud.storage', 'it needs google, which comes with the extra gcs'],
  ['idna', undefined],
  ['numpy', undefined],
])('%s: %s', (module, needed) => {
  const requirements = [
    { name: 'pysocks', extras: ['socks'] },
    { name: 'pyyaml', extras: ['config'] },
    { name: 'google-cloud-storage', extras: ['gcs'] },
    { name: 'idna', extras: [] },
  ];
  expect(neededExtra(module, requirements)).toBe(needed);
});

test('which modules are imported', () => {
  const files = [
    ...[
      'lib/__init__.py',
      'lib/core.py',
      'lib/_fast.cpython-311-x86_64-linux-gnu.so',
      'lib/_fast.pyi',
      'lib/py.typed',
    ],
    ...[
      'lib/sub/__init__.py',
      'lib/sub/x.abi3.so',
      'lib/templates/page.py',
      'lib/tests/__init__.py',
      'lib/tests/test_x.py',
    ],
    ...[
      'lib/__main__.py',
      'lib/data-files/x.py',
      '_lib.so',
      'spaced/inner/__init__.py',
      'lib-1.0.dist-info/x.py',
    ],
    ...['../../../bin/x.py', 'lib/conftest.py', 'lib/core.cpython-311-x86_64-linux-gnu.so'],
  ];
  const shown = modulesOf(files).map(
    ({ name, isTop, isPublic }) => `${name}${isTop ? ' top' : ''}${isPublic ? '' : ' private'}`,
  );
  expect(shown).toEqual([
    '_lib top private',
    'lib top',
    'spaced.inner top',
    'lib.core',
    'lib.sub',
    'lib.sub.x',
    'lib._fast private',
  ]);
});
